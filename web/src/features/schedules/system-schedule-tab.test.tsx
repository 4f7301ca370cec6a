import { screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import type { Role, SystemSchedule } from '../../api/types';
import { list, serve } from '../../test/fake-server';
import { renderPage } from '../../test/render';
import { SystemScheduleTab } from './system-schedule-tab';

afterEach(() => vi.unstubAllGlobals());

const stored: SystemSchedule = {
  is_on: true,
  rule: { recurrence: 'daily', times: ['06:30'], time_zone: 'UTC' },
  words: ['Every day at 06:30, UTC.'],
  next: ['2026-11-26T06:30:00Z'],
  own_schedules: 3,
  missed: [],
  version: 4,
  can: ['update'],
};

function open(schedule: SystemSchedule, role: Role = 'administrator') {
  const asked = serve({
    'GET /schedule': schedule,
    'PUT /schedule': { ...schedule, version: 5 },
    'GET /time-zones': list(['UTC']),
    'POST /schedules/preview': { words: ['Preview.'], next: [] },
  });
  return { asked, ...renderPage(<SystemScheduleTab />, { role }) };
}

it('SCH-01: is off at first, with all fields grey', async () => {
  open({ ...stored, is_on: false, rule: null, words: [], next: [] });
  expect(await screen.findByRole('switch', { name: 'Refresh schedule: Off' })).not.toBeChecked();
  expect(screen.getByRole('combobox', { name: 'Repeat' })).toBeDisabled();
  expect(screen.getByLabelText('Time')).toBeDisabled();
  expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled();
});

it('SCH-02, SCH-04: becomes weekly on chosen days after Save only', async () => {
  const { user, asked } = open(stored);
  expect(await screen.findByRole('button', { name: 'Save' })).toBeDisabled();
  await user.click(screen.getByRole('combobox', { name: 'Repeat' }));
  expect(screen.getAllByRole('option').map((o) => o.textContent)).toEqual(['Daily', 'Weekly']);
  await user.click(screen.getByRole('option', { name: 'Weekly' }));
  await user.click(screen.getByRole('button', { name: 'Thu' }));
  expect(asked.some((a) => a.method === 'PUT')).toBe(false);
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(asked.find((a) => a.method === 'PUT')).toMatchObject({
    headers: { 'If-Match': '"4"' },
    body: { is_on: true, rule: { recurrence: 'weekly', weekdays: ['mon', 'thu'], times: ['06:30'], time_zone: 'UTC' } },
  }));
});

it('SCH-09: warns that own schedules may no longer fit, with their number', async () => {
  const { user } = open(stored);
  expect(await screen.findByRole('switch')).toBeChecked();
  expect(screen.queryByText(/schedule of their own/)).not.toBeInTheDocument();
  await user.click(screen.getByRole('switch'));
  expect(screen.getByText(/3 exports have a schedule of their own/)).toBeVisible();
});

it('SCH-12: lists refreshes that were missed', async () => {
  open({ ...stored, missed: [{ due_at: '2026-11-24T06:30:00Z', reason: 'system_down' }, { due_at: '2026-11-23T06:30:00Z', reason: 'The disk was full.' }] });
  expect(await screen.findByRole('heading', { name: 'Missed refreshes' })).toBeVisible();
  expect(screen.getByText(/The server was not running/)).toBeVisible();
  expect(screen.getByText(/The disk was full/)).toBeVisible();
});

it('SYS-10: is for reading for those who may not change it, and asks for no preview', async () => {
  const { asked } = open({ ...stored, can: [] }, 'viewer');
  expect(await screen.findByText('Only administrators can change the refresh schedule.')).toBeVisible();
  expect(screen.getByRole('switch')).toBeDisabled();
  expect(screen.getByText('Every day at 06:30, UTC.')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Save' })).not.toBeInTheDocument();
  expect(asked.some((a) => a.path === '/schedules/preview')).toBe(false);
});
