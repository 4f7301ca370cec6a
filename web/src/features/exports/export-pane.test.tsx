import { screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import type { Export, Role } from '../../api/types';
import { list, serve, type Asked } from '../../test/fake-server';
import { renderPage } from '../../test/render';
import { sftp } from '../../test/sftp';
import { EditExportPane, NewExportPane } from './export-pane';

afterEach(() => vi.unstubAllGlobals());

const usable = { id: 'c1', display_name: 'Agency drop box', type: 'sftp', type_title: 'SFTP' };
const tables = [
  { name: 'Customer', display_name: 'Customer', kind: 'table', rows: 7043, columns: [{ name: 'CustomerId', type: 'text' }, { name: 'Email', type: 'text' }] },
  { name: 'us_seniors', display_name: 'US seniors', kind: 'segment', rows: 812, columns: [{ name: 'CustomerId', type: 'text' }] },
];
const stored = {
  id: 'e1', display_name: 'Weekly', connection: usable, type: 'sftp', type_title: 'SFTP', state: 'active', tables: ['Customer'], columns: {},
  settings: { compression: 'none' }, mode: 'full', schedule: { kind: 'system' }, last_run: null, refreshed_at: null, needs_attention: [], version: 5, can: ['update', 'run'],
} as unknown as Export;

const routes = [
  { path: '/data/exports/new', element: <NewExportPane /> },
  { path: '/data/exports/:id', element: <EditExportPane /> },
  { path: '/data/exports', element: <p>The exports</p> },
];

function open(at: string, role: Role = 'contributor', more: Record<string, unknown> = {}) {
  const asked = serve({
    'GET /connection-types': list([sftp]),
    'GET /usable-connections': list([usable]),
    'GET /exportable-tables': list(tables),
    'GET /exports/e1': stored,
    'GET /runs': list([]),
    'POST /exports': stored,
    'PATCH /exports/e1': stored,
    ...more,
  });
  return { asked, ...renderPage(null, { at, role, routes }) };
}

const sent = (asked: Asked[], method: string) => asked.find((a) => a.method === method);

it('sends whole tables unless a column is unticked', async () => {
  const { user, asked } = open('/data/exports/new');
  await user.type(await screen.findByRole('textbox', { name: 'Display name' }), 'Weekly');
  await user.click(screen.getByRole('checkbox', { name: 'Select all rows' }));
  await user.click(screen.getByRole('button', { name: 'Next' }));
  await user.click(screen.getByRole('checkbox', { name: 'Email' }));
  await user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('The exports')).toBeVisible();
  expect(sent(asked, 'POST')?.body).toEqual({
    display_name: 'Weekly',
    guard: { max_decrease_percent: 30, first_run_rows: null },
    connection_id: 'c1',
    tables: ['Customer', 'us_seniors'],
    columns: { Customer: ['CustomerId'] },
    settings: { compression: 'gzip' },
  });
});

it('does not save an export that sends nothing', async () => {
  const { user } = open('/data/exports/new');
  await user.type(await screen.findByRole('textbox', { name: 'Display name' }), 'Weekly');
  expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled();
});

it('tells a contributor without a connection to ask an administrator', async () => {
  open('/data/exports/new', 'contributor', { 'GET /usable-connections': list([]) });
  expect(await screen.findByText(/An administrator can share a connection/)).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Save' })).not.toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Add connection' })).not.toBeInTheDocument();
});

it('offers an administrator to add one', async () => {
  open('/data/exports/new', 'administrator', { 'GET /usable-connections': list([]) });
  expect(await screen.findByRole('button', { name: 'Add connection' })).toBeVisible();
});

it('gives an inactive export another connection of its type, and keeps the rest', async () => {
  const { user, asked } = open('/data/exports/e1', 'contributor', { 'GET /exports/e1': { ...stored, connection: null, state: 'inactive' } });
  await user.click(await screen.findByRole('combobox', { name: 'Connection for export' }));
  await user.click(await screen.findByRole('option', { name: 'Agency drop box' }));
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await screen.findByText('The exports');
  expect(sent(asked, 'PATCH')).toMatchObject({ headers: { 'If-Match': '"5"' }, body: { connection_id: 'c1', tables: ['Customer'], settings: { compression: 'none' } } });
});

it('is for reading when the export may not be changed', async () => {
  open('/data/exports/e1', 'viewer', { 'GET /exports/e1': { ...stored, can: [] } });
  expect(await screen.findByRole('textbox', { name: 'Display name' })).toBeDisabled();
  expect(screen.getByRole('combobox', { name: 'Connection for export' })).toHaveTextContent('Agency drop box');
  expect(screen.queryByRole('button', { name: 'Save' })).not.toBeInTheDocument();
  expect(screen.getAllByRole('button', { name: 'Close' })).not.toHaveLength(0);
});
