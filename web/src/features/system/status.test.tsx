import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Job, Role, StatusTask, SystemStatus } from '../../api/types';
import { list, serve } from '../../test/fake-server';
import { renderPage } from '../../test/render';
import { aRun } from '../../test/things';
import { AboutTab } from './about-tab';
import { HistoryPane, JobPane, TaskPane } from './progress-pane';
import { StatusTab } from './status-tab';
import { SystemPage } from './system-page';

afterEach(() => vi.unstubAllGlobals());

const stage = { state: 'succeeded' as const, total: 0, done: 0, failed: 0, skipped: 0, duration_ms: null };
const orders = aRun('r1', { kind: 'import', subject: { id: 't1', display_name: 'Orders' }, state: 'failed', job_id: 'j1', error: { reason: 'import.bad_row', detail: 'Line 41 is short.' } });
const weekly = aRun('r2', { job_id: 'j1', warnings: [{ reason: 'run.rows_omitted', detail: '12 rows were left out.' }] });
const job: Job = {
  id: 'j1',
  kind: 'refresh',
  trigger: 'schedule',
  state: 'running',
  requested_by: null,
  queued_at: '2026-11-25T09:00:00Z',
  started_at: '2026-11-25T09:00:00Z',
  ended_at: null,
  duration_ms: null,
  stages: [
    { ...stage, name: 'data_sources', title: 'Data sources', state: 'completed_with_errors', total: 1, done: 1, failed: 1, tasks: [orders] },
    { ...stage, name: 'segments', title: 'Segments', tasks: [] },
    { ...stage, name: 'enrichments', title: 'Enrichments', tasks: [] },
    { ...stage, name: 'exports', title: 'Export destinations', state: 'running', total: 2, done: 1, tasks: [weekly] },
  ],
  can: ['cancel'],
};
const past: Job = { ...job, id: 'j0', state: 'failed', ended_at: '2026-11-24T09:10:00Z', duration_ms: 600_000, trigger: 'manual', requested_by: { id: 'u1', display_name: 'Ada Lovelace' }, can: [] };
const task = (name: string, more: Partial<StatusTask> = {}): StatusTask => ({
  kind: 'export',
  subject: { id: `s-${name}`, display_name: name },
  state: 'succeeded',
  updated_at: '2026-11-25T09:04:00Z',
  reason: null,
  last_run_id: 'r2',
  job_id: null,
  next_at: null,
  ...more,
});
const status: SystemStatus = {
  groups: [
    { name: 'data_sources', title: 'Data sources', tasks: [task('Orders', { kind: 'import', state: 'failed', job_id: 'j1', last_run_id: 'r1', reason: { reason: 'import.bad_row', detail: 'Line 41 is short.' } })] },
    { name: 'exports', title: 'Export destinations', tasks: [task('Weekly'), task('New one', { state: 'not_started', last_run_id: null, updated_at: null })] },
  ],
  running_job: null,
  last_job: past,
  can: ['refresh'],
};

const routes = [
  {
    path: '/admin/system',
    element: <SystemPage />,
    children: [
      {
        path: 'status',
        element: <StatusTab />,
        children: [
          { path: 'jobs/:jobId/:runId?', element: <JobPane /> },
          { path: 'runs/:runId', element: <TaskPane /> },
          { path: 'tasks/:subjectId', element: <HistoryPane /> },
        ],
      },
      { path: 'about', element: <AboutTab /> },
    ],
  },
];

function open(path = '/status', more: Record<string, unknown> = {}, role: Role = 'administrator') {
  const asked = serve({
    'GET /status': status,
    'GET /jobs': list([{ ...job, stages: [] }, past]),
    'GET /jobs/j1': job,
    'GET /runs': list([aRun('r5', { state: 'failed' }), aRun('r4')]),
    'GET /runs/r1': orders,
    'GET /runs/r2': weekly,
    'POST /refresh': job,
    'POST /jobs/j1/cancel': { ...job, state: 'canceled' },
    ...more,
  });
  return { asked, ...renderPage(null, { at: `/admin/system${path}`, role, routes }) };
}

describe('the status tab', () => {
  it('SYS-01, SYS-03: lists tasks by group with count, state and time, and groups fold', async () => {
    const { user } = open();
    const toggle = await screen.findByRole('button', { name: 'Export destinations (2)' });
    expect(screen.getByRole('link', { name: 'Progress details of Weekly: Successful' })).toBeVisible();
    expect(within(screen.getByRole('table', { name: 'Export destinations' })).getByText('Not started')).toBeVisible();
    expect(toggle).toHaveAttribute('aria-expanded', 'true');
    await user.click(toggle);
    expect(toggle).toHaveAttribute('aria-expanded', 'false');
    expect(screen.queryByRole('link', { name: /of Weekly/ })).not.toBeInTheDocument();
  });

  it('SYS-13: Refresh all starts a refresh', async () => {
    const { user, asked } = open();
    await user.click(await screen.findByRole('button', { name: 'Refresh all' }));
    await waitFor(() => expect(asked.some((a) => a.method === 'POST' && a.path === '/refresh')).toBe(true));
    expect(await screen.findByText('The refresh has started.')).toBeInTheDocument();
  });

  it('SYS-13: is not offered a second time while one runs; its progress is shown', async () => {
    open('/status', { 'GET /status': { ...status, running_job: job } });
    expect(await screen.findByRole('button', { name: 'Refresh all' })).toBeDisabled();
    expect(screen.getByText(/2 of 3 refreshed/)).toBeVisible();
  });

  it('SYS-10: shows viewers the state and no command', async () => {
    open('/status', { 'GET /status': { ...status, can: [] } }, 'viewer');
    expect(await screen.findByRole('link', { name: /of Weekly/ })).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Refresh all' })).not.toBeInTheDocument();
    expect(screen.getAllByRole('tab')).toHaveLength(3);
    expect(screen.queryByRole('tab', { name: 'Notifications' })).not.toBeInTheDocument();
  });

  it('UI-16: draws how long each refresh took, and tells the same in a table', async () => {
    const { user } = open();
    const bars = within(await screen.findByRole('list', { name: 'Refreshes' })).getAllByRole('link');
    expect(bars).toHaveLength(2);
    expect(bars[0]).toHaveAccessibleName(/^Failed, .*10 min 0 sec, By hand$/);
    expect(bars[1]).toHaveAccessibleName(/^Refreshing, .*not finished/);
    await user.click(screen.getByRole('button', { name: 'Show as table' }));
    const table = within(screen.getByRole('table', { name: 'Refreshes' }));
    expect(table.getAllByRole('row')).toHaveLength(3);
    expect(table.getByText('Ada Lovelace')).toBeVisible();
  });

  it('UI-13: says what stands here when there is nothing yet', async () => {
    open('/status', { 'GET /status': { ...status, groups: [], last_job: null }, 'GET /jobs': list([]) });
    expect(await screen.findByText('There is nothing to refresh yet')).toBeVisible();
    expect(screen.getByText('No refresh has run yet.')).toBeVisible();
  });
});

describe('the panes', () => {
  it('SYS-04: selecting a name shows the last runs of the task', async () => {
    const { user, asked } = open();
    await user.click(await screen.findByRole('link', { name: 'Weekly' }));
    expect(await within(await screen.findByRole('dialog')).findByRole('link', { name: 'Failed' })).toHaveAttribute('href', '/data/runs/r5');
    expect(asked.some((a) => a.path.startsWith('/runs?subject_id=s-Weekly'))).toBe(true);
  });

  it('SYS-05, SYS-07: selecting a state opens the job at the task; Entire workflow shows the rest', async () => {
    const { user } = open();
    await user.click(await screen.findByRole('link', { name: 'Progress details of Orders: Failed' }));
    const pane = within(await screen.findByRole('dialog'));
    expect(await pane.findByText('Data sources')).toBeVisible();
    expect(pane.queryByText('Export destinations')).not.toBeInTheDocument();
    await user.click(pane.getByRole('switch', { name: 'Entire workflow: Hidden' }));
    expect(pane.getByText('Export destinations')).toBeVisible();
    expect(pane.getByText(/1 of 2 refreshed/)).toBeVisible();
    expect(pane.getByText(/one failed/)).toBeVisible();
    expect(pane.getAllByText('Nothing to do')).toHaveLength(2);
    expect(pane.getByRole('link', { name: 'View system status' })).toBeVisible();
  });

  it('SYS-06: See details shows duration, time and errors of a task, and leads back', async () => {
    const { user } = open('/status/jobs/j1');
    const pane = within(await screen.findByRole('dialog'));
    await user.click(await pane.findByRole('link', { name: 'See details of Orders' }));
    expect(await pane.findByText('Total run time')).toBeVisible();
    expect(pane.getByText('4 min 0 sec')).toBeVisible();
    expect(pane.getByText('Line 41 is short.')).toBeVisible();
    await user.click(pane.getByRole('button', { name: 'Back to progress details' }));
    expect(await pane.findByText('Progress details')).toBeVisible();
  });

  it('SYS-06: a task that ran alone has details without a job', async () => {
    open('/status/runs/r2');
    const pane = within(await screen.findByRole('dialog'));
    expect(await pane.findByText('12 rows were left out.')).toBeVisible();
    expect(pane.queryByRole('button', { name: 'Back to progress details' })).not.toBeInTheDocument();
  });

  it('SYS-08: cancels the job after a question', async () => {
    const { user, asked } = open('/status/jobs/j1');
    await user.click(await screen.findByRole('button', { name: 'Cancel job' }));
    expect(screen.getByText(/keeps its previous data/)).toBeVisible();
    await user.click(within(screen.getByRole('alertdialog')).getByRole('button', { name: 'Cancel job' }));
    await waitFor(() => expect(asked.some((a) => a.method === 'POST' && a.path === '/jobs/j1/cancel')).toBe(true));
  });

  it('SYS-08: offers no cancel to those who may not', async () => {
    open('/status/jobs/j1', { 'GET /jobs/j1': { ...job, can: [] } }, 'viewer');
    await screen.findByText('Export destinations', { selector: 'span' });
    expect(screen.queryByRole('button', { name: 'Cancel job' })).not.toBeInTheDocument();
  });
});

it('DIS-12: administrators see under About which folders are no connection types, and why', async () => {
  const faults = [{ folder: 'parrots', detail: 'types/parrots/manifest.yaml:11: /payloed is not a known member' }];
  open('/about', { 'GET /about': { connector_faults: faults } });
  expect(await screen.findByText('Connection types that were not loaded')).toBeVisible();
  expect(screen.getByText(/parrots\/manifest.yaml:11/)).toBeVisible();
});

it('DIS-12: nobody else is told of them, nor is anybody when there are none', async () => {
  const { asked } = open('/about', {}, 'viewer');
  expect(await screen.findByText('Environment id')).toBeVisible();
  expect(asked.some((a) => a.path === '/about')).toBe(false);
  expect(screen.queryByText('Connection types that were not loaded')).not.toBeInTheDocument();
});

it('SYS-10: everybody sees About, with the environment and its id', async () => {
  open('/about', {}, 'viewer');
  expect(await screen.findByText('Environment id')).toBeVisible();
  expect(screen.getByText('e1')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Copy environment id' })).toBeVisible();
});
