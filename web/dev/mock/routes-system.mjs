import { checkVersion, find, page } from './routes.mjs';
import { broadcast, refuse, state } from './state.mjs';
import { audit, jobs, notices, noticeSettings, soon, systemSchedule, tasksOfJob } from './system.mjs';

const admin = { needs: 'system_manage' };
const isAdmin = (session) => session.permissions.includes('system_manage');
const running = () => jobs.find((j) => j.state === 'running');
const jobShown = (job, session, whole = false) => ({ ...job, can: isAdmin(session) && job.state === 'running' ? ['cancel'] : [], stages: job.stages.map(({ tasks, ...stage }) => (whole ? { ...stage, tasks } : stage)) });

const names = { interval: 'Every', daily: 'Every day', weekly: 'Every week', monthly: 'Every month', cron: 'By expression' };
function preview(rule) {
  const errors = [];
  if (rule.recurrence === 'cron' && rule.cron.split(/\s+/).length !== 5) errors.push({ pointer: '/rule/cron', reason: 'schedule.invalid', detail: 'An expression has five fields: minute, hour, day of month, month, day of week.' });
  if (errors.length) refuse(422, 'schedule.invalid', 'The schedule has errors.', { errors });
  const place = rule.time_zone.split('/').at(-1).replaceAll('_', ' ');
  const when = rule.recurrence === 'interval' ? `${rule.every} ${rule.unit}` : rule.cron ?? `at ${rule.times.join(' and ')}`;
  return {
    words: [`${names[rule.recurrence]} ${when}, ${place} time (${rule.time_zone}).`, 'When the clocks go forward, a time that does not exist starts at the next minute that does; when they go back, a time that occurs twice starts once.', 'A start that was missed is made up for once, if it is less than 6 hours late.', 'If the run before is still going on, one start waits for it.'],
    next: [1, 2, 3, 4, 5].map((n) => soon(n * 720 - 77)),
  };
}

function status(session) {
  const task = (kind, subject, name, group) => {
    const last = state.runs.filter((r) => r.subject.id === subject.id).sort((a, b) => (a.queued_at < b.queued_at ? 1 : -1))[0];
    return { kind, subject: { id: subject.id, display_name: name }, state: last?.state ?? 'not_started', updated_at: last ? last.ended_at ?? last.started_at : null, reason: last?.error ?? null, last_run_id: last?.id ?? null, job_id: last?.job_id ?? null, next_at: group ?? null };
  };
  const next = systemSchedule.is_on ? systemSchedule.next[0] : null;
  return {
    groups: [
      { name: 'data_sources', title: 'Data sources', tasks: state.tables.map((t) => task('import', t, t.name, next)) },
      { name: 'segments', title: 'Segments', tasks: state.segments.map((s) => task('segment', s, s.display_name, next)) },
      { name: 'enrichments', title: 'Enrichments', tasks: [] },
      { name: 'exports', title: 'Export destinations', tasks: state.exports_.map((e) => task('export', e, e.display_name, e.schedule.next_at)) },
    ],
    running_job: running() ? jobShown(running(), session) : null,
    last_job: jobs.find((j) => j.state !== 'running') ? jobShown(jobs.find((j) => j.state !== 'running'), session) : null,
    can: isAdmin(session) ? ['refresh'] : [],
  };
}

function batch(ids, apply) {
  const items = ids.map((id) => {
    const e = find(state.exports_, id);
    const error = apply(e);
    return { id, display_name: e.display_name, ok: !error, error: error ?? null };
  });
  return { items, succeeded: items.filter((i) => i.ok).length, failed: items.filter((i) => !i.ok).length };
}

const inactive = (e) => (e.connection ? null : { reason: 'export.inactive', detail: 'The export has no connection.' });
const mine = (notice) => notice;

export const systemRoutes = [
  ['POST', '/schedules/preview', ({ body }) => ({ body: preview(body.rule) }), { needs: 'exports_edit' }],
  ['GET', '/time-zones', () => ({ body: { items: ['UTC', ...Intl.supportedValuesOf('timeZone')] } })],
  ['GET', '/schedule', ({ session }) => ({ body: { ...systemSchedule, can: isAdmin(session) ? ['update'] : [] } })],
  ['PUT', '/schedule', ({ body, version, session }) => {
    checkVersion(systemSchedule, version);
    Object.assign(systemSchedule, body, preview(body.rule), { version: systemSchedule.version + 1 });
    return { body: { ...systemSchedule, can: isAdmin(session) ? ['update'] : [] } };
  }, admin],
  ['POST', '/refresh', ({ session }) => {
    const job = running() ?? jobs[0];
    broadcast('job', jobShown(job, session));
    return { status: running() ? 200 : 202, body: jobShown(job, session, true) };
  }, admin],
  ['GET', '/jobs', ({ query, session }) => page(jobs.map((j) => jobShown(j, session)), query)],
  ['GET', '/jobs/{id}', ({ params, session }) => ({ body: jobShown(find(jobs, params[0]), session, true) })],
  ['POST', '/jobs/{id}/cancel', ({ params, session }) => {
    const job = find(jobs, params[0]);
    Object.assign(job, { state: 'canceled', ended_at: new Date().toISOString(), duration_ms: 120_000 });
    for (const task of tasksOfJob(job)) if (!task.ended_at) Object.assign(task, { state: 'canceled', ended_at: job.ended_at });
    broadcast('job', jobShown(job, session));
    return { body: jobShown(job, session, true) };
  }, admin],
  ['GET', '/status', ({ session }) => ({ body: status(session) })],
  ['POST', '/exports/batch', ({ body }) => ({
    body: batch(body.ids, (e) => {
      if (body.action === 'run') return inactive(e);
      if (body.action === 'schedule') {
        const kind = body.schedule?.kind ?? (body.is_on ? (e.schedule.rule ? 'own' : 'system') : 'off');
        e.schedule = { ...e.schedule, ...body.schedule, kind, summary: body.schedule?.rule ? preview(body.schedule.rule).words[0] : e.schedule.summary };
      }
      if (body.action === 'disconnect') Object.assign(e, { connection: null, state: 'inactive' });
      if (body.action === 'remove') state.exports_.splice(state.exports_.indexOf(e), 1);
      return null;
    }),
  }), { needs: 'exports_edit' }],
  ['POST', '/exports/run-all', () => ({ status: 202, body: batch(state.exports_.filter((e) => e.schedule.kind !== 'off').map((e) => e.id), inactive) }), { needs: 'exports_edit' }],
  ['POST', '/exports/{id}/approve', ({ body }) => {
    const run = Object.assign(find(state.runs, body.run_id), { state: 'queued', approval: null });
    return { body: run };
  }, admin],
  ['GET', '/notices', ({ query }) => {
    const shown = page(notices.map(mine), query);
    return { body: { ...shown.body, unread: notices.filter((n) => !n.is_read).length } };
  }],
  ['POST', '/notices/{id}/read', ({ params }) => (Object.assign(find(notices, params[0]), { is_read: true }), { status: 204 })],
  ['POST', '/notices/read-all', () => (notices.forEach((n) => (n.is_read = true)), { status: 204 })],
  ['GET', '/notice-settings', () => ({ body: { ...noticeSettings, can: ['update'] } }), admin],
  ['PUT', '/notice-settings', ({ body, version }) => {
    checkVersion(noticeSettings, version);
    const { password, ...mail } = body.mail;
    Object.assign(noticeSettings, {
      mail: { ...mail, has_password: password === undefined ? noticeSettings.mail.has_password : password !== null },
      webhooks: body.webhooks.map(({ secret, ...w }) => ({ last_status: null, last_at: null, ...noticeSettings.webhooks.find((x) => x.id === w.id), ...w, id: w.id ?? state.newId(), has_secret: secret !== undefined && secret !== null })),
      version: noticeSettings.version + 1,
    });
    return { body: { ...noticeSettings, can: ['update'] } };
  }, admin],
  ['POST', '/notice-settings/test', ({ body }) => ({ body: body.to === 'mail' ? { ok: true, detail: 'smtp.example.org took the message for ada@example.org.' } : { ok: false, detail: 'hooks.example.org answered 404.' } }), admin],
  ['GET', '/audit', ({ query }) => page(audit.filter((e) => ['event', 'actor_id'].every((k) => !query.get(k) || (k === 'event' ? e.event : e.actor.id ?? 'system') === query.get(k)) && (!query.get('object_kind') || e.object.kind === query.get('object_kind')) && (!query.get('object_id') || e.object.id === query.get('object_id'))), query, { search: (e) => `${e.event} ${e.object.name} ${e.actor.display_name}` }), { needs: 'audit_view' }],
  ['GET', '/audit/events', () => ({ body: { items: [...new Set(audit.map((e) => e.event))].sort() } }), { needs: 'audit_view' }],
];
