import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import type { RequestRecord, Role, Run } from '../../api/types';
import { list, Refused, serve } from '../../test/fake-server';
import { mail } from '../../test/mail';
import { renderPage } from '../../test/render';
import { aRun } from '../../test/things';
import { RunPage } from './run-page';

afterEach(() => vi.unstubAllGlobals());

function open(run: Run, more: Record<string, unknown> = {}, role: Role = 'administrator') {
  const asked = serve({ 'GET /runs/r1': run, 'GET /connection-types': list([mail]), ...more });
  return { asked, ...renderPage(null, { at: '/data/runs/r1', role, routes: [{ path: '/data/runs/:id', element: <RunPage /> }] }) };
}

const part = { name: 'us_seniors', state: 'completed_with_errors' as const, rows_read: 812, rows_sent: 30, rows_unchanged: 770, rows_omitted: 5, rows_rejected: 7, rows_removed: 3, bytes: 9000, files: 0, expected_rows: 812, error: null };
const counts = { rows_read: 812, rows_sent: 30, rows_unchanged: 770, rows_omitted: 5, rows_rejected: 7, rows_removed: 3, bytes: 9000, files: 0 };
const rows = aRun('r1', { state: 'completed_with_errors', connection: { id: 'c1', display_name: 'Newsletter', type: 'mail' }, tables: [part], counts });

it('SYS-06: tells for each segment what was sent, unchanged, removed, rejected and omitted', async () => {
  open(rows);
  const table = await screen.findByRole('table', { name: 'Segments' });
  for (const title of ['Segment', 'Rows sent', 'Unchanged', 'Removed', 'Rejected', 'Omitted']) {
    expect(within(table).getByRole('columnheader', { name: title })).toBeVisible();
  }
  expect(within(table).queryByRole('columnheader', { name: 'Files' })).not.toBeInTheDocument();
  expect(within(table).getByText('770')).toBeVisible();
});

it('EXP-67: a run that waits for a rate limit says so, and until when', async () => {
  const soon = new Date(Date.now() + 5 * 60_000).toISOString();
  open(aRun('r1', { state: 'running', ended_at: null, waiting_until: soon }));
  expect(await screen.findByText('Waiting for the rate limit of the service.')).toBeVisible();
  expect(screen.getByText(/in (4|5) minutes/)).toBeVisible();
});

it('BEY-14: rejected rows are downloaded, corrected and sent again alone', async () => {
  const { user, asked } = open({ ...rows, can: ['rejected', 'resend'] }, { 'POST /runs/r1/resend': aRun('r2', { trigger: 'resend' }) });
  expect(await screen.findByText(/7 rows were rejected by the service. 5 rows were left out/)).toBeVisible();
  expect(screen.getByRole('link', { name: 'Download rows' })).toHaveAttribute('href', '/api/v1/runs/r1/rejected');
  const file = new File(['Email,outcome\na@example.org,rejected\n'], 'fixed.csv', { type: 'text/csv' });
  await user.upload(screen.getByLabelText('Corrected file'), file);
  expect(await screen.findByRole('link', { name: 'See the new run' })).toHaveAttribute('href', '/data/runs/r2');
  const call = asked.find((a) => a.method === 'POST');
  expect(call?.headers['Content-Type']).toBe('text/csv');
  expect(call?.body).toBe(file);
});

it('BEY-14: says what is wrong with a corrected file', async () => {
  const { user } = open({ ...rows, can: ['rejected', 'resend'] }, { 'POST /runs/r1/resend': new Refused(422, 'resend.column_missing', { detail: 'The file lacks the column Email.' }) });
  await user.upload(await screen.findByLabelText('Corrected file'), new File(['x'], 'fixed.csv', { type: 'text/csv' }));
  expect(await screen.findByText('The file lacks the column Email.')).toBeVisible();
});

it('BEY-14: who may only look sees neither', async () => {
  open(rows, {}, 'viewer');
  await screen.findByRole('table', { name: 'Segments' });
  expect(screen.queryByRole('link', { name: 'Download rows' })).not.toBeInTheDocument();
  expect(screen.queryByText('Requests')).not.toBeInTheDocument();
});

const call = (more: Partial<RequestRecord>): RequestRecord => ({
  at: '2026-11-25T09:01:00Z',
  method: 'POST',
  url: 'https://eu1.mail.example/v1/lists/42/members?batch=1',
  status: 200,
  duration_ms: 120,
  rows: 500,
  request_bytes: 4000,
  answer_bytes: 20,
  request_headers: 'Api-Key: ***\nContent-Type: application/json',
  request_body: '{"members":[{"id":9007199254740993}]}',
  answer_headers: 'Content-Type: application/json',
  answer_body: '{"ok":true}',
  error: '',
  ...more,
});
const calls = [call({}), call({ status: 429, rows: 0, url: 'https://eu1.mail.example/v1/two' }), call({ status: 0, url: 'https://eu1.mail.example/v1/three', error: 'No answer within 60 seconds.' })];

it('BEY-20: lists the calls of a run with method, path, status, time and rows; failed ones in words', async () => {
  const { user } = open({ ...rows, can: ['requests'] }, { 'GET /runs/r1/requests': list(calls) });
  const table = await screen.findByRole('table', { name: 'Requests' });
  expect(await within(table).findByRole('button', { name: 'POST /v1/lists/42/members?batch=1' })).toBeVisible();
  expect(within(table).getAllByText('120 ms')).toHaveLength(3);
  expect(within(table).getByText('429')).toBeVisible();
  expect(within(table).getByText('No answer')).toBeVisible();
  await user.click(screen.getByRole('switch', { name: 'Only failed calls' }));
  expect(within(table).queryByRole('button', { name: /lists/ })).not.toBeInTheDocument();
  expect(within(table).getAllByRole('row')).toHaveLength(3);
});

it('BEY-20: opens a call with its headers and bodies, and leads to the next', async () => {
  const { user } = open({ ...rows, can: ['requests'] }, { 'GET /runs/r1/requests': list(calls) });
  await user.click(await screen.findByRole('button', { name: /lists\/42/ }));
  expect(screen.getByRole('group', { name: 'Request: body' })).toHaveTextContent('{ "members": [ { "id": 9007199254740993 } ] }');
  expect(screen.getByRole('group', { name: 'Request: headers' })).toHaveTextContent('Api-Key: ***');
  expect(screen.getByRole('group', { name: 'Answer: body' })).toHaveTextContent('{ "ok": true }');
  expect(screen.getByRole('button', { name: 'Previous' })).toBeDisabled();
  await user.click(screen.getByRole('button', { name: 'Next' }));
  await user.click(screen.getByRole('button', { name: 'Next' }));
  expect(screen.getByText('No answer within 60 seconds.')).toBeVisible();
  expect(screen.queryByRole('group', { name: 'Answer: body' })).not.toBeInTheDocument();
});

it('BEY-20: says when no call is recorded, and offers to try again when the list cannot be loaded', async () => {
  const answers: Record<string, unknown> = { 'GET /runs/r1/requests': new Refused(500, 'internal', { detail: 'Out of order.' }) };
  let answer: unknown = answers['GET /runs/r1/requests'];
  const { user } = open({ ...rows, can: ['requests'] }, { 'GET /runs/r1/requests': () => answer });
  expect(await screen.findByText('Out of order.')).toBeVisible();
  answer = list([]);
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  await waitFor(() => expect(screen.getByText('No call is recorded')).toBeVisible());
});

it('BEY-14: tells once what went wrong with rows, and what to do with them', async () => {
  const detail = '7 rows of us_seniors were not taken';
  open({ ...rows, can: ['rejected', 'resend'], error: { reason: 'export.rows_rejected', detail }, tables: [{ ...part, error: detail }] });
  expect(await screen.findAllByText(new RegExp(detail))).toHaveLength(1);
  expect(screen.getByText(/Download the rows below, correct them/)).toBeVisible();
  expect(screen.queryByText(/verify the connection/)).not.toBeInTheDocument();
});

it('BEY-20: a call of which only the figures were kept says so', async () => {
  const figures = call({ request_headers: '', request_body: '', answer_headers: '', answer_body: '' });
  const { user } = open({ ...rows, can: ['requests'] }, { 'GET /runs/r1/requests': list([figures]) });
  await user.click(await screen.findByRole('button', { name: /lists\/42/ }));
  expect(screen.getAllByText(/Not kept/)).toHaveLength(4);
});
