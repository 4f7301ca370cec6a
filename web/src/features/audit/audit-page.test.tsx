import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import type { AuditEntry } from '../../api/types';
import { list, Refused, serve } from '../../test/fake-server';
import { renderPage } from '../../test/render';
import { AuditPage } from './audit-page';
import { changesOf, momentOf } from './entry';

afterEach(() => vi.unstubAllGlobals());

const entry = (id: string, event: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  id,
  at: '2026-11-25T09:00:00Z',
  event,
  actor: { id: 'u1', display_name: 'Ada Lovelace' },
  object: { kind: 'connection', id: 'c1', name: 'Agency drop box' },
  request_id: 'req-7',
  address: '192.0.2.1',
  details: {},
  ...more,
});
const updated = entry('1', 'connection.updated', {
  details: { display_name: { old: 'Agency', new: 'Agency drop box' }, 'settings.folder': { old: null, new: 'in' }, 'secrets.password': 'changed' },
});
const byItself = entry('2', 'export.failed', { actor: { id: null, display_name: 'system' }, object: { kind: 'export', id: 'e1', name: 'Weekly' } });

function open(items: AuditEntry[] = [updated, byItself], at = '/admin/audit') {
  const asked = serve({ 'GET /audit': list(items), 'GET /audit/events': list(['connection.updated', 'export.failed']) });
  return { asked, ...renderPage(<AuditPage />, { at }) };
}

const lastQuery = (asked: ReturnType<typeof open>['asked']) => new URLSearchParams(asked.filter((a) => a.path.startsWith('/audit?')).at(-1)?.path.split('?')[1]);
const download = () => new URL(screen.getByRole('link', { name: 'Download CSV' }).getAttribute('href')!, 'http://x').searchParams;

it('SYS-46: lists who did what to which object, and filters by event, kind and period', async () => {
  const { user, asked } = open();
  expect(await screen.findByText('The system')).toBeVisible();
  await user.click(screen.getByRole('combobox', { name: 'Event' }));
  await user.click(await screen.findByRole('option', { name: 'Export failed' }));
  await user.click(screen.getByRole('combobox', { name: 'Object kind' }));
  await user.click(await screen.findByRole('option', { name: 'Export' }));
  fireEvent.change(screen.getByLabelText('From'), { target: { value: '2026-11-01' } });
  fireEvent.change(screen.getByLabelText('To'), { target: { value: '2026-11-30' } });
  await waitFor(() => expect(lastQuery(asked).get('to')).toBe(new Date(2026, 11, 1).toISOString()));
  expect(Object.fromEntries(lastQuery(asked))).toMatchObject({ event: 'export.failed', object_kind: 'export', from: new Date(2026, 10, 1).toISOString(), sort: '-at' });
  expect(download().get('format')).toBe('csv');
  expect(download().get('event')).toBe('export.failed');
  expect(download().get('cursor')).toBeNull();
});

it('SYS-46: narrows to a person or an object from a row, and widens again', async () => {
  const { user, asked } = open();
  await user.click(await screen.findByRole('button', { name: 'More actions for Export failed, Weekly' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Only what The system did' }));
  await waitFor(() => expect(lastQuery(asked).get('actor_id')).toBe('system'));
  await user.click(screen.getByRole('button', { name: /Who: The system/ }));
  await waitFor(() => expect(lastQuery(asked).get('actor_id')).toBeNull());
});

it('SYS-47: shows old and new value of every changed field, and "changed" for a secret', async () => {
  const { user } = open();
  await user.click(await screen.findByRole('button', { name: 'Details of Connection updated, Agency drop box' }));
  const rows = within(await screen.findByRole('table', { name: 'What changed' })).getAllByRole('row');
  expect(rows.map((row) => row.textContent)).toEqual([
    'FieldBeforeAfter',
    'Display nameAgencyAgency drop box',
    'Settings › Foldernonein',
    'Secrets › Passwordchanged',
  ]);
  expect(screen.getByText('req-7')).toBeVisible();
});

it('SYS-47: takes nested details apart, and shows rules as they are', () => {
  expect(changesOf({ type: 'sftp', settings: { host: 'a', port: 22 }, rule: { old: null, new: { match: 'all' } } })).toEqual([
    { field: 'type', new: 'sftp' },
    { field: 'settings.host', new: 'a' },
    { field: 'settings.port', new: '22' },
    { field: 'rule', old: 'none', new: '{\n "match": "all"\n}' },
  ]);
});

it('SYS-46: a period includes its last day, and half a date is no filter', () => {
  expect(momentOf('2026-11-30', true)).toBe(new Date(2026, 11, 1).toISOString());
  expect(momentOf('', false)).toBeUndefined();
  expect(momentOf('2026-99', false)).toBeUndefined();
});

it('UI-13: is empty, without a hit, or could not be loaded', async () => {
  open([], '/admin/audit?q=zzz');
  expect(await screen.findByText('Nothing matches.')).toBeVisible();
});

it('UI-13, UI-18: says why it could not be loaded, with the request id', async () => {
  serve({ 'GET /audit': new Refused(500, 'internal'), 'GET /audit/events': list([]) });
  renderPage(<AuditPage />, { at: '/admin/audit' });
  expect(await screen.findByRole('alert')).toHaveTextContent('req-1');
});
