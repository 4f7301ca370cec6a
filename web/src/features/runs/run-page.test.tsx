import { screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import type { Role, Run } from '../../api/types';
import { list, serve } from '../../test/fake-server';
import { renderPage } from '../../test/render';
import { aRun } from '../../test/things';
import { RunPage } from './run-page';

afterEach(() => vi.unstubAllGlobals());

function open(run: Run, role: Role = 'administrator') {
  const asked = serve({ 'GET /runs/r1': run, 'GET /connection-types': list([]), 'POST /exports/e1/approve': { ...run, state: 'queued' } });
  return { asked, ...renderPage(null, { at: '/data/runs/r1', role, routes: [{ path: '/data/runs/:id', element: <RunPage /> }] }) };
}

it('SYS-20: says that a failed attempt is tried again, and when', async () => {
  const soon = new Date(Date.now() + 10 * 60_000).toISOString();
  open(aRun('r1', { state: 'retrying', ended_at: null, attempt: 2, max_attempts: 5, retry_at: soon, error: { reason: 'target.unreachable', detail: 'No answer.' } }));
  expect(await screen.findByText(/Attempt 2 of 5 did not go through/)).toBeVisible();
  expect(screen.getByText('No answer.')).toBeVisible();
  expect(screen.getByText(/in (9|10) minutes/)).toBeVisible();
  expect(screen.getByText('2 of 5')).toBeVisible();
  expect(screen.queryByRole('progressbar')).not.toBeInTheDocument();
});

it('EXP-69: shows that a run is being canceled, and offers no second cancel', async () => {
  open(aRun('r1', { state: 'running', ended_at: null, is_canceling: true, can: ['cancel'] }));
  expect(await screen.findByText('Canceling…')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Cancel run' })).not.toBeInTheDocument();
});

it('SCH-23: names what the run waits for', async () => {
  open(aRun('r1', { state: 'queued', started_at: null, ended_at: null, waits_for: [{ id: 'r9', display_name: 'High value', kind: 'segment' }] }));
  expect(await screen.findByRole('link', { name: 'Segment: High value' })).toHaveAttribute('href', '/data/runs/r9');
});

it('SCH-36: a skipped run names the upstream run that caused it', async () => {
  open(aRun('r1', { state: 'skipped', skipped_because: { id: 'r8', display_name: 'Orders', kind: 'import' } }));
  expect(await screen.findByRole('link', { name: 'Import: Orders' })).toHaveAttribute('href', '/data/runs/r8');
});

it('SYS-06: lists warnings, and the error of each table', async () => {
  const table = { name: 'Customer', state: 'failed' as const, rows_read: 10, rows_sent: 0, rows_omitted: 4, bytes: 0, files: 0, expected_rows: 10, error: 'The column Email is gone.' };
  open(aRun('r1', { state: 'completed_with_errors', tables: [table], warnings: [{ reason: 'run.rows_omitted', detail: '4 rows had no address.' }] }));
  expect(await screen.findByText('4 rows had no address.')).toBeVisible();
  expect(screen.getByText('Customer: The column Email is gone.')).toBeVisible();
  expect(screen.getByRole('columnheader', { name: 'Omitted' })).toBeVisible();
});

const guarded = aRun('r1', {
  state: 'needs_approval',
  ended_at: null,
  approval: { reason: 'run.mass_change', detail: 'It would remove 41 %.', numbers: { to_be_removed: 77_688 } },
});

it('BEY-10: an administrator sees the numbers and lets a guarded run go on', async () => {
  const { user, asked } = open(guarded);
  expect(await screen.findByText('It would remove 41 %.')).toBeVisible();
  expect(screen.getByText('77,688')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Approve and go on' }));
  await waitFor(() => expect(asked.find((a) => a.method === 'POST')).toMatchObject({ path: '/exports/e1/approve', body: { run_id: 'r1' } }));
});

it('BEY-10: others see the numbers, and that an administrator decides', async () => {
  open(guarded, 'contributor');
  expect(await screen.findByText(/An administrator looks at the numbers/)).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Approve and go on' })).not.toBeInTheDocument();
});

it('SYS-05: leads to the refresh the run was part of', async () => {
  open(aRun('r1', { job_id: 'j1', trigger: 'system_refresh' }));
  expect(await screen.findByRole('link', { name: 'System refresh' })).toHaveAttribute('href', '/admin/system/status/jobs/j1?run=r1');
});
