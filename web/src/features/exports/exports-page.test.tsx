import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import type { Export, Role } from '../../api/types';
import { list, serve } from '../../test/fake-server';
import { renderPage } from '../../test/render';
import { anExport } from '../../test/things';
import { ExportsPage } from './exports-page';

afterEach(() => vi.unstubAllGlobals());

const kinds = [
  anExport('a'),
  anExport('b', { schedule: { kind: 'own', rule: null, summary: 'Every day at 06:30', next_at: '2026-11-26T05:30:00Z' } }),
  anExport('c', { schedule: { kind: 'off', rule: null, summary: 'Off', next_at: null } }),
];
const partly = {
  items: [
    { id: 'a', display_name: 'Export a', ok: true, error: null, run_id: 'r1' },
    { id: 'b', display_name: 'Export b', ok: false, error: { reason: 'export.inactive', detail: 'It has no connection.' } },
  ],
  succeeded: 1,
  failed: 1,
};

function open(items: Export[] = kinds, more: Record<string, unknown> = {}, role: Role = 'contributor') {
  const asked = serve({ 'GET /exports': list(items), 'GET /connection-types': list([]), ...more });
  return { asked, ...renderPage(<ExportsPage />, { at: '/data/exports', role, routes: [{ path: '/data/exports/schedule', element: <p>The pane</p> }] }) };
}

const row = async (name: string) => within((await screen.findByRole('link', { name })).closest('[role=row]') as HTMLElement);
const choose = async (user: ReturnType<typeof open>['user'], items: Export[]) => {
  for (const item of items) await user.click(await screen.findByRole('checkbox', { name: `Select ${item.display_name}` }));
};

it('SCH-13: shows what starts each export, and its next start on hover', async () => {
  open();
  expect((await row('Export a')).getByText('System refresh')).toBeVisible();
  expect((await row('Export b')).getByText('Every day at 06:30')).toHaveAttribute('title', expect.stringContaining('Next start:'));
  expect((await row('Export c')).getByText('Off')).toBeVisible();
});

it('SCH-27: shows the schedule of an inactive export as paused', async () => {
  open([anExport('a', { ...kinds[1], id: 'a', display_name: 'Export a', state: 'inactive' })]);
  expect((await row('Export a')).getByText('Every day at 06:30')).toHaveAttribute('title', expect.stringContaining('Paused'));
});

it('SCH-14: opens the schedule pane for what is selected', async () => {
  const { user, router } = open();
  await choose(user, kinds.slice(0, 2));
  await user.click(screen.getByRole('button', { name: 'Schedule' }));
  expect(await screen.findByText('The pane')).toBeVisible();
  expect(new URLSearchParams(router.state.location.search).get('ids')).toBe('a,b');
});

it('UI-18: runs several in one call, and says of each what became of it', async () => {
  const { user, asked } = open(kinds, { 'POST /exports/batch': partly });
  await choose(user, kinds.slice(0, 2));
  await user.click(screen.getByRole('button', { name: 'Run' }));
  expect(await screen.findByText('Not every export has started')).toBeVisible();
  expect(screen.getByText('It has no connection.')).toBeVisible();
  expect(asked.filter((a) => a.method === 'POST').map((a) => a.body)).toEqual([{ action: 'run', ids: ['a', 'b'] }]);
});

it('SCH-21: Run all asks first, and starts what is not switched off', async () => {
  const { user, asked } = open(kinds, { 'POST /exports/run-all': { ...partly, items: partly.items.slice(0, 1), failed: 0 } });
  await screen.findByRole('link', { name: 'Export a' });
  await user.click(screen.getByRole('button', { name: 'Run all' }));
  expect(screen.getByText(/except those whose schedule is off/)).toBeVisible();
  expect(asked.some((a) => a.method === 'POST')).toBe(false);
  await user.click(within(screen.getByRole('alertdialog')).getByRole('button', { name: 'Run all' }));
  await waitFor(() => expect(asked.some((a) => a.path === '/exports/run-all')).toBe(true));
  expect(await screen.findByText('1 exports have started.')).toBeInTheDocument();
});

it('UI-09: removes more than five only after their number was typed', async () => {
  const six = ['1', '2', '3', '4', '5', '6'].map((id) => anExport(id));
  const { user, asked } = open(six, { 'POST /exports/batch': { items: [], succeeded: 6, failed: 0 } });
  await choose(user, six);
  await user.click(screen.getByRole('button', { name: 'Remove' }));
  const dialog = within(screen.getByRole('alertdialog'));
  expect(dialog.getByRole('button', { name: 'Remove' })).toBeDisabled();
  await user.type(dialog.getByRole('textbox'), '6');
  await user.click(dialog.getByRole('button', { name: 'Remove' }));
  await waitFor(() => expect(asked.find((a) => a.method === 'POST')?.body).toMatchObject({ action: 'remove' }));
});

it('ROL-33: offers a viewer no command that changes anything', async () => {
  open(kinds.map((item) => ({ ...item, can: [] })), {}, 'viewer');
  await screen.findByRole('link', { name: 'Export a' });
  expect(screen.queryByRole('button', { name: 'Run all' })).not.toBeInTheDocument();
});
