import { dryRun, requests } from './rows.mjs';
import { checkVersion, find, page } from './routes.mjs';
import { play, refuse, state } from './state.mjs';

const ref = (c) => ({ id: c.id, display_name: c.display_name, type: c.type, type_title: c.type_title });
const usable = (session) => state.connections.filter((c) => c.serves.includes('export') && (session.user.role === 'administrator' || c.sharing.with === 'contributors'));

/** As the signed-in person sees it. */
function shown(e, session) {
  const { role } = session.user;
  const mayUse = role === 'administrator' || (role === 'contributor' && (!e.connection || usable(session).some((c) => c.id === e.connection.id)));
  const can = role === 'viewer' || !mayUse ? [] : e.can.filter((verb) => verb !== 'disconnect' || (role === 'administrator' && e.connection));
  return { ...e, can };
}

const edit = { needs: 'exports_edit' };

export const exportRoutes = [
  ['GET', '/usable-connections', ({ session }) => ({ body: { items: usable(session).map(ref) } })],
  ['GET', '/exports', ({ query, session }) => page(state.exports_.filter((e) => (!query.get('connection_id') || e.connection?.id === query.get('connection_id')) && (!query.get('state') || e.state === query.get('state'))).map((e) => shown(e, session)), query, { search: (e) => `${e.display_name} ${e.connection?.display_name} ${e.type_title}`, values: { type: (e) => e.type_title, connection: (e) => e.connection?.display_name, status: (e) => e.last_run?.state } })],
  ['POST', '/exports', ({ body, session }) => {
    if (state.exports_.some((e) => e.display_name.toLowerCase() === body.display_name.toLowerCase())) refuse(409, 'export.name_taken', 'Another export has this name.', { errors: [{ pointer: '/display_name', reason: 'name_taken', detail: 'Another export has this name.' }] });
    const c = find(state.connections, body.connection_id);
    const now = new Date().toISOString();
    const e = { id: state.newId(), display_name: body.display_name, connection: ref(c), type: c.type, type_title: c.type_title, state: 'active', tables: body.tables, columns: body.columns, settings: body.settings, mapping: body.mapping ?? {}, mode: body.mode ?? 'full', schedule: { kind: 'system' }, last_run: null, refreshed_at: null, needs_attention: [], version: 1, created_at: now, created_by: session.user, updated_at: now, can: ['update', 'run', 'remove', 'disconnect'] };
    state.exports_.push(e);
    return { status: 201, body: shown(e, session) };
  }, edit],
  ['GET', '/exports/{id}', ({ params, session }) => ({ body: shown(find(state.exports_, params[0]), session) })],
  ['PATCH', '/exports/{id}', ({ params, body, version, session }) => {
    const e = find(state.exports_, params[0]);
    checkVersion(e, version);
    const { connection_id, ...rest } = body;
    if (connection_id) Object.assign(e, { connection: ref(find(state.connections, connection_id)), state: 'active' });
    Object.assign(e, rest, { version: e.version + 1, updated_at: new Date().toISOString() });
    return { body: shown(e, session) };
  }, edit],
  ['DELETE', '/exports/{id}', ({ params, version }) => {
    const e = find(state.exports_, params[0]);
    checkVersion(e, version);
    if (['queued', 'running'].includes(e.last_run?.state)) refuse(409, 'export.running', 'The export is running. Cancel the run first.');
    state.exports_.splice(state.exports_.indexOf(e), 1);
    return { status: 204 };
  }, edit],
  ['POST', '/exports/{id}/run', ({ params, session }) => {
    const e = find(state.exports_, params[0]);
    if (!e.connection) refuse(409, 'export.inactive', 'The export has no connection.');
    const all = [...state.tables.map((t) => [t.name, t.rows]), ...state.segments.map((s) => [s.name, s.members])];
    const parts = e.tables.map((name) => ({ name, state: 'queued', rows_read: 0, rows_sent: 0, bytes: 0, files: 0, expected_rows: all.find(([n]) => n === name)?.[1] ?? 0, error: null }));
    const run = state.run(e, 'export', 'queued', 0, { requested_by: session.user, started_at: null, tables: parts, defined_by: e.created_by });
    state.runs.unshift(run);
    e.last_run = state.brief(run);
    const follow = setInterval(() => {
      e.last_run = state.brief(run);
      if (run.ended_at) clearInterval(follow);
    }, 200);
    play(run, { rows: parts.reduce((n, p) => n + p.expected_rows, 0), done: () => Object.assign(e, { refreshed_at: run.ended_at, last_run: state.brief(run) }) });
    return { status: 202, body: run };
  }, edit],
  ['POST', '/exports/{id}/dry-run', ({ params }) => ({ body: dryRun(find(state.exports_, params[0])) }), edit],
  ['GET', '/runs/{id}/requests', ({ params }) => ({ body: { items: find(state.runs, params[0]).ended_at ? requests : [], next_cursor: null } }), { needs: 'connections_manage' }],
  ['GET', '/runs/{id}/rejected', () => ({ body: 'Email,outcome,reason,answer\r\nperson4@example,rejected,email.bad,looks fake or invalid\r\n', headers: { 'Content-Type': 'text/csv' } }), edit],
  ['POST', '/runs/{id}/resend', ({ params, session }) => {
    const before = find(state.runs, params[0]);
    const run = state.run({ id: before.subject.id, display_name: before.subject.display_name, connection: before.connection }, 'export', 'queued', 0, { trigger: 'resend', requested_by: session.user, started_at: null });
    state.runs.unshift(run);
    play(run, { rows: 7 });
    return { status: 202, body: run };
  }, edit],
  ['POST', '/exports/{id}/disconnect', ({ params, session }) => {
    const e = Object.assign(find(state.exports_, params[0]), { connection: null, state: 'inactive' });
    e.version += 1;
    return { body: shown(e, session) };
  }, { needs: 'connections_manage' }],
];
