import { screen, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import type { Export, ScheduleRule } from '../../api/types';
import { list, Refused, serve, type Asked } from '../../test/fake-server';
import { renderPage } from '../../test/render';
import { anExport } from '../../test/things';
import { ExportSchedulePane } from './export-schedule-pane';

afterEach(() => vi.unstubAllGlobals());

const rule: ScheduleRule = { recurrence: 'daily', times: ['06:30'], time_zone: 'UTC' };
const own = { kind: 'own' as const, rule, summary: 'Every day at 06:30', next_at: null };
const off = { kind: 'off' as const, rule: null, summary: 'Off', next_at: null };

function open(items: Export[], more: Record<string, unknown> = {}) {
  const asked = serve({
    ...Object.fromEntries(items.map((item) => [`GET /exports/${item.id}`, item])),
    'GET /time-zones': list(['UTC']),
    'GET /schedule': { is_on: true, rule, words: ['Every day at 06:30, UTC.'], next: [], own_schedules: 0, missed: [], version: 1, can: [] },
    'POST /schedules/preview': { words: ['Every day.'], next: [] },
    'POST /exports/batch': { items: [], succeeded: items.length, failed: 0 },
    ...Object.fromEntries(items.map((item) => [`PATCH /exports/${item.id}`, item])),
    ...more,
  });
  const routes = [
    { path: '/data/exports/schedule', element: <ExportSchedulePane /> },
    { path: '/data/exports', element: <p>The exports</p> },
  ];
  return { asked, ...renderPage(null, { at: `/data/exports/schedule?ids=${items.map((i) => i.id).join(',')}&q=x`, role: 'contributor', routes }) };
}

const sent = (asked: Asked[], method: string) => asked.filter((a) => a.method === method && a.path !== '/schedules/preview');

it('SCH-13, SCH-18: gives an export a rule of its own, and sends nothing before Save', async () => {
  const { user, asked, router } = open([anExport('a')]);
  expect(await screen.findByText('Schedule export')).toBeVisible();
  expect(await screen.findByText(/System refresh: Every day at 06:30/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled();
  await user.click(screen.getByRole('radio', { name: 'By its own schedule' }));
  expect(sent(asked, 'PATCH')).toHaveLength(0);
  await user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('The exports')).toBeVisible();
  expect(sent(asked, 'PATCH')[0]).toMatchObject({ headers: { 'If-Match': '"5"' }, body: { schedule: { kind: 'own', rule: { recurrence: 'daily', times: ['06:00'] } } } });
  // The search of the list is still there, the selection is not.
  expect(router.state.location.search).toBe('?q=x');
});

it('SCH-15: switches off and leaves the rule as it is stored', async () => {
  const { user, asked } = open([anExport('a', { schedule: own })]);
  await user.click(await screen.findByRole('switch', { name: 'Schedule run' }));
  expect(screen.getByText(/left out of the system refresh and of Run all/)).toBeVisible();
  expect(screen.getByRole('combobox', { name: 'Recurrence' })).toBeDisabled();
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await screen.findByText('The exports');
  expect(sent(asked, 'PATCH')[0]?.body).toEqual({ schedule: { kind: 'off' } });
});

it('SCH-24: advises to spread exports', async () => {
  open([anExport('a')]);
  expect(await screen.findByText(/30 to 60 minutes apart/)).toBeVisible();
});

it('SCH-14, SCH-19: keeps individual schedules of several and applies on and off only', async () => {
  const { user, asked } = open([anExport('a'), anExport('b', { schedule: own })]);
  const toggle = await screen.findByRole('switch', { name: 'Schedule run for number of exports: 2' });
  expect(screen.getByRole('radio', { name: 'Keep individual schedules' })).toBeChecked();
  expect(screen.queryByRole('combobox', { name: 'Recurrence' })).not.toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled();
  await user.click(toggle);
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await screen.findByText('The exports');
  expect(sent(asked, 'POST').map((a) => a.body)).toEqual([{ action: 'schedule', ids: ['a', 'b'], is_on: false }]);
});

it('SCH-19, SCH-20: replaces the rules of several, after saying that the individual ones cannot be shown', async () => {
  const { user, asked } = open([anExport('a'), anExport('b', { schedule: own })]);
  await user.click(await screen.findByRole('radio', { name: 'Define new schedule for all selected exports' }));
  expect(screen.getByText(/individual schedules of these exports cannot be shown here/)).toBeVisible();
  await user.click(screen.getByRole('radio', { name: 'With the system refresh' }));
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await screen.findByText('The exports');
  expect(sent(asked, 'POST').map((a) => a.body)).toEqual([{ action: 'schedule', ids: ['a', 'b'], schedule: { kind: 'system' } }]);
});

it('SCH-20: shows the rule that several exports have in common, without the notice', async () => {
  const { user } = open([anExport('a', { schedule: own }), anExport('b', { schedule: own })]);
  await user.click(await screen.findByRole('radio', { name: 'Define new schedule for all selected exports' }));
  expect(screen.queryByText(/cannot be shown here/)).not.toBeInTheDocument();
  expect(screen.getByLabelText('Time')).toHaveValue('06:30');
});

it('SCH-26: names those that may not be changed before and after', async () => {
  const result = {
    items: [
      { id: 'a', display_name: 'Export a', ok: true, error: null },
      { id: 'b', display_name: 'Export b', ok: false, error: { reason: 'permission.missing', detail: 'You may not edit this export.' } },
    ],
    succeeded: 1,
    failed: 1,
  };
  const { user } = open([anExport('a', { schedule: off }), anExport('b', { schedule: off, can: [] })], { 'POST /exports/batch': result });
  expect(await screen.findByText(/One of these exports may not be changed by you/)).toBeVisible();
  await user.click(screen.getByRole('switch'));
  await user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('1 of 2 went through.')).toBeVisible();
  const results = within(screen.getByRole('list', { name: 'Results' }));
  expect(results.getByText('You may not edit this export.')).toBeVisible();
});

it('SCH-27: keeps the schedule of an inactive export', async () => {
  open([anExport('a', { state: 'inactive', connection: null, schedule: own })]);
  expect(await screen.findByText(/Its schedule is kept/)).toBeVisible();
  expect(screen.getByLabelText('Time')).toHaveValue('06:30');
});

it('SCH-37: is for reading when the export may not be changed', async () => {
  open([anExport('a', { can: [], schedule: own })]);
  expect(await screen.findByText(/may look at this schedule/)).toBeVisible();
  expect(screen.getByRole('switch', { name: 'Schedule run' })).toBeDisabled();
  expect(screen.queryByRole('button', { name: 'Save' })).not.toBeInTheDocument();
});

it('UI-15: does not overwrite what somebody else changed, and asks before it drops entries', async () => {
  const { user } = open([anExport('a')], { 'PATCH /exports/a': new Refused(412, 'stale') });
  await user.click(await screen.findByRole('radio', { name: 'By its own schedule' }));
  await user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText(/Somebody else has changed this/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled();
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(await screen.findByText('Discard what you entered?')).toBeVisible();
});
