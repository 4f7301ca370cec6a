// What the system tells of itself: schedules, jobs, status, notices and the audit log of the scenario.

import { ada, ago, connections, exports_, newId, run, runs, segments, tables } from './data.mjs';

export const soon = (minutes) => new Date(Date.now() + minutes * 60_000).toISOString();

const zone = 'Europe/Copenhagen';
const daily = { recurrence: 'daily', times: ['06:30', '18:00'], time_zone: zone };
const nightly = { recurrence: 'weekly', weekdays: ['mon', 'wed', 'fri'], times: ['02:15'], time_zone: zone };

const schedules = [
  { kind: 'system', rule: null, summary: 'With the system refresh', next_at: soon(310) },
  { kind: 'own', rule: nightly, summary: 'Every Monday, Wednesday and Friday at 02:15', next_at: soon(820) },
  { kind: 'own', rule: { recurrence: 'interval', every: 2, unit: 'hours', time_zone: zone }, summary: 'Every 2 hours', next_at: soon(47) },
  { kind: 'own', rule: { recurrence: 'monthly', month_days: [1, 15, 31], times: ['08:00'], time_zone: 'America/New_York' }, summary: 'Every month on day 1, 15 and 31 at 08:00', next_at: null },
  { kind: 'off', rule: null, summary: 'Off', next_at: null },
];
exports_.forEach((e, i) => (e.schedule = schedules[i] ?? schedules[0]));

export const systemSchedule = {
  is_on: true,
  rule: daily,
  words: ['Every day at 06:30 and 18:00, Copenhagen time (Europe/Copenhagen).', 'When the clocks go forward, a time that does not exist starts at the next minute that does.', 'A refresh that was missed is made up for once, if it is less than 6 hours late.'],
  next: [soon(310), soon(1000), soon(1750), soon(2440), soon(3190)],
  own_schedules: 3,
  missed: [{ due_at: ago(60 * 30), reason: 'system_down' }],
  version: 1,
};

const tasksOf = (state, minutes) => ({
  data_sources: tables.map((t, i) => run(t, 'import', i === 2 && state === 'completed_with_errors' ? 'failed' : 'succeeded', minutes, { subject: { id: t.id, display_name: t.name }, trigger: 'system_refresh', duration_ms: 12_000 + i * 9000, ...(i === 2 && state === 'completed_with_errors' ? { error: { reason: 'import.bad_row', detail: 'Line 41 has 5 fields, the header has 4.' } } : {}) })),
  segments: segments.map((s) => run(s, 'segment', 'succeeded', minutes, { subject: { id: s.id, display_name: s.display_name }, trigger: 'system_refresh', duration_ms: 2100 })),
  enrichments: [],
  exports: exports_.slice(0, 3).map((e, i) => run(e, 'export', state === 'running' ? ['running', 'queued', 'retrying'][i] : ['succeeded', 'succeeded', state === 'completed_with_errors' ? 'skipped' : 'succeeded'][i], minutes, {
    trigger: 'system_refresh', expected_rows: 7855, counts: { ...runs[0].counts, rows_read: 3200, rows_sent: 3100 }, tables: runs[i].tables, ...(state === 'running' ? { duration_ms: null } : {}), ...(state === 'running' && i === 2 ? { attempt: 2, max_attempts: 5, retry_at: soon(3), error: runs[2].error } : {}),
  })),
});

const titles = { data_sources: 'Data sources', segments: 'Segments', enrichments: 'Enrichments', exports: 'Export destinations' };

function job(minutes, state, duration_ms, trigger = 'schedule') {
  const id = newId();
  const groups = tasksOf(state, minutes);
  const ended = state !== 'running';
  const stages = Object.entries(groups).map(([name, tasks]) => {
    tasks.forEach((task) => (task.job_id = id));
    const of = (...states) => tasks.filter((t) => states.includes(t.state)).length;
    const active = of('queued', 'running', 'retrying');
    return {
      name, title: titles[name], total: tasks.length, done: tasks.length - active, failed: of('failed'), skipped: of('skipped'),
      state: active ? 'running' : of('failed') ? 'completed_with_errors' : of('skipped') ? 'completed_with_warnings' : 'succeeded', duration_ms: active ? null : 21_000 + tasks.length * 900, tasks,
    };
  });
  return { id, kind: 'refresh', trigger, state, requested_by: trigger === 'manual' ? ada : { id: null, display_name: 'system' }, queued_at: ago(minutes), started_at: ago(minutes), ended_at: ended ? ago(minutes - duration_ms / 60_000) : null, duration_ms: ended ? duration_ms : null, stages };
}

const kHistory = ['succeeded', 'succeeded', 'succeeded', 'completed_with_warnings', 'succeeded', 'failed', 'succeeded', 'succeeded', 'completed_with_errors', 'succeeded', 'canceled'];
export const jobs = [
  ...(process.env.MOCK_IDLE ? [] : [job(2, 'running', 0, 'manual')]),
  job(380, 'completed_with_errors', 254_000),
  ...Array.from({ length: 22 }, (_, i) => job(380 + (i + 1) * 720, kHistory[i % kHistory.length], 90_000 + ((i * 7919) % 13) * 21_000, i % 6 === 2 ? 'manual' : 'schedule')),
];

export const tasksOfJob = (j) => j.stages.flatMap((s) => s.tasks);
// The tasks of the newest two jobs are runs like any other.
runs.push(...jobs.slice(0, 2).flatMap(tasksOfJob));
const skipped = tasksOfJob(jobs.find((j) => j.state === 'completed_with_errors')).find((t) => t.state === 'skipped');
skipped.skipped_because = { id: runs[4].id, display_name: 'Stores', kind: 'import' };
const waiting = tasksOfJob(jobs[0]).find((t) => t.state === 'queued');
if (waiting) waiting.waits_for = [{ id: runs[0].id, display_name: 'High value', kind: 'segment' }];
runs.push(run(exports_[1], 'export', 'needs_approval', 31, {
  counts: { ...runs[1].counts, rows_read: 189_483, rows_sent: 0, files: 0, bytes: 0 },
  approval: { reason: 'run.mass_change', detail: 'This run would remove 41 % of what Exports folder holds; more than 30 % needs the approval of an administrator.', numbers: { held_by_target: 189_483, to_be_removed: 77_688, to_be_sent: 111_795 } },
  warnings: [{ reason: 'run.rows_omitted', detail: '12 rows were left out, because their e-mail address is empty.' }],
}));

export const notices = [
  { id: newId(), at: ago(14), severity: 'error', reason: 'target.unreachable', title: 'Spring catalogue addresses failed', detail: 'sftp.printshop.example did not answer on port 2222 within 10 seconds. It will not be tried again.', link: `/data/runs/${runs[2].id}`, count: 3, is_read: false, is_resolved: false },
  { id: newId(), at: ago(31), severity: 'warning', reason: 'run.mass_change', title: 'Everything, nightly needs approval', detail: 'The run would remove 41 % of what Exports folder holds.', link: `/data/runs/${runs.at(-1).id}`, count: 1, is_read: false, is_resolved: false },
  { id: newId(), at: ago(60 * 20), severity: 'warning', reason: 'connection.expires', title: 'The sign-in of Newsletter list ends in 7 days', detail: 'Enter a new key before 2 December.', link: `/admin/connections/exports/${connections[3].id}`, count: 1, is_read: true, is_resolved: false },
  { id: newId(), at: ago(60 * 50), severity: 'error', reason: 'connection.broken', title: 'Agency drop box could not be reached', detail: 'files.example.net refused the connection.', link: `/admin/connections/exports/${connections[0].id}`, count: 2, is_read: true, is_resolved: true },
];

export const noticeSettings = {
  mail: { is_on: true, host: 'smtp.example.org', port: 587, security: 'starttls', username: 'sluice', from: 'sluice@example.org', has_password: true, recipients: ['administrators'] },
  webhooks: [{ id: newId(), url: 'https://hooks.example.org/sluice/9f3c', is_on: true, has_secret: true, last_status: '200', last_at: ago(14) }],
  version: 1,
};

const entry = (minutes, event, kind, object, details, actor = ada) => ({ id: newId(), at: ago(minutes), event, actor, object: { kind, id: object.id, name: object.display_name }, request_id: newId(), address: actor.id ? '192.0.2.17' : '', details });
const system = { id: null, display_name: 'system' };
export const audit = [
  entry(3, 'refresh.requested', 'job', { id: jobs[0].id, display_name: 'System refresh' }, {}),
  entry(25, 'connection.updated', 'connection', connections[0], { display_name: { old: 'Agency', new: 'Agency drop box' }, 'settings.host': { old: 'ftp.example.net', new: 'files.example.net' }, 'settings.folder': { old: null, new: 'in/weekly' }, 'secrets.password': 'changed' }),
  entry(40, 'export.scheduled', 'export', exports_[1], { schedule: { old: { kind: 'system' }, new: { kind: 'own', rule: nightly } } }),
  entry(90, 'user.signed_in', 'user', ada, {}),
  entry(340, 'export.failed', 'export', exports_[2], { reason: 'target.unreachable' }, system),
  entry(60 * 30, 'connection.shared', 'connection', connections[0], {}),
  entry(60 * 31, 'consent.given', 'connection', connections[0], { statement_version: 1 }),
  entry(60 * 40, 'connection.created', 'connection', connections[3], { type: 'mail', sharing: 'administrators', settings: { account_host: 'eu1.mail.example' }, 'secrets.api_key': 'set' }),
];
