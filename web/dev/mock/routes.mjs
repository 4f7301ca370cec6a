import { exportRoutes } from './routes-exports.mjs';
import { dataRoutes } from './routes-data.mjs';
import { systemRoutes } from './routes-system.mjs';
import { icons } from './types.mjs';
import { refuse, state } from './state.mjs';

export function page(items, query, { search, values = {} } = {}) {
  const q = (query.get('q') ?? '').toLowerCase();
  const sort = query.get('sort') ?? '';
  const column = sort.replace(/^-/, '');
  const value = (item) => (values[column] ? values[column](item) : item[column]) ?? '';
  const hits = items.filter((item) => !q || search(item).toLowerCase().includes(q));
  if (column) hits.sort((a, b) => (value(a) > value(b) ? 1 : value(a) < value(b) ? -1 : 0) * (sort.startsWith('-') ? -1 : 1));
  const limit = Number(query.get('limit') ?? 50);
  const from = Number(query.get('cursor') ?? 0);
  return { body: { items: hits.slice(from, from + limit), next_cursor: from + limit < hits.length ? String(from + limit) : null, total: hits.length } };
}

export function find(list, id) {
  return list.find((item) => item.id === id) ?? refuse(404, 'not_found', 'This object does not exist, or it was removed.');
}

export function checkVersion(item, version) {
  if (!version) refuse(428, 'precondition_required', 'If-Match is missing.');
  if (version !== item.version) refuse(412, 'stale', 'Someone else saved this first. Reload it and try again.');
}

const describe = (user) => ({ user, csrf: 'csrf-token', permissions: state.permissions[user.role], environment: { id: 'env-1', display_name: 'Contoso production' }, version: '0.1.0' });

const sessionRoutes = [
  ['POST', '/session', ({ body, response }) => {
    const fails = state.failures.get(body.email) ?? 0;
    if (fails >= 3) refuse(429, 'session.too_many_attempts', 'Too many attempts.', {}, { 'Retry-After': '30' });
    const user = state.users[body.email];
    if (!user || body.password === 'wrong') {
      state.failures.set(body.email, fails + 1);
      refuse(401, 'session.sign_in_refused', 'The e-mail address or the password is not right.');
    }
    state.failures.delete(body.email);
    const cookie = Math.random().toString(36).slice(2);
    state.sessions.set(cookie, describe(user));
    response.setHeader('Set-Cookie', `sluice_session=${cookie}; HttpOnly; SameSite=Lax; Path=/`);
    return { body: describe(user) };
  }, { anonymous: true }],
  ['GET', '/session', ({ session }) => ({ body: session })],
  ['DELETE', '/session', ({ request }) => {
    state.sessions.delete(/sluice_session=(\w+)/.exec(request.headers.cookie ?? '')?.[1]);
    return { status: 204 };
  }],
  // Ends all sessions, to see what the app does then.
  ['POST', '/mock/expire', () => (state.sessions.clear(), { status: 204 }), { anonymous: true }],
  ['GET', '/events', ({ response }) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.write('event: heartbeat\ndata: {}\n\n');
    state.listeners.add(response);
    response.on('close', () => state.listeners.delete(response));
    return 'handled';
  }],
  ['GET', '/home', ({ session }) => ({
    body: {
      tables: state.tables.length,
      segments: state.segments.length,
      ...(session.permissions.includes('connections_manage') ? { connections: state.connections.length } : {}),
      exports: state.exports_.length,
      last_runs: [...state.runs].sort((a, b) => (a.queued_at < b.queued_at ? 1 : -1)).slice(0, 5),
    },
  })],
];

const counted = (type, admin) => (admin ? { ...type, connections: state.connections.filter((c) => c.type === type.id).length } : type);

const typeRoutes = [
  ['GET', '/connection-types', ({ session }) => ({ body: { items: state.types.map((t) => counted(t, session.permissions.includes('connections_manage'))), next_cursor: null } })],
  ['GET', '/connection-types/{id}/icon', ({ params, response }) => {
    response.writeHead(200, { 'Content-Type': 'image/svg+xml' });
    response.end(icons[params[0]]);
    return 'handled';
  }],
];

function verification(type, settings) {
  const steps = [{ name: 'connect', title: 'Reach the server', state: 'passed', duration_ms: 38, detail: `${settings.host ?? 'The folder'} answered.` }];
  const failed = String(settings.host ?? '').includes('bad');
  if (failed) Object.assign(steps[0], { state: 'failed', duration_ms: 10_000, detail: `${settings.host} did not answer within 10 seconds.`, advice: 'Check the name and the port, and whether a firewall lets this server out.' });
  const unpinned = type === 'sftp' && !settings.host_key && !failed;
  if (type === 'sftp') steps.push(unpinned
    ? { name: 'host_key', title: 'Compare the host key', state: 'failed', duration_ms: 4, detail: 'The server showed a key that is not pinned yet.', advice: 'Compare the fingerprint with the one its operator gave you, then pin it.', proposal: { field: 'host_key', value: 'SHA256:uKxYwT1m3Jq6Tn0o0m8m1lq0vLwq9pX3q1yQb1m2c3d', title: 'Pin this host key' } }
    : { name: 'host_key', title: 'Compare the host key', state: failed ? 'skipped' : 'passed', duration_ms: 2, detail: failed ? '' : 'It is the pinned one.' });
  const stop = failed || unpinned;
  for (const [name, title, detail] of [['sign_in', 'Sign in', 'Signed in.'], ['write', 'Write, read and remove a test file', 'Done.']]) steps.push({ name, title, state: stop ? 'skipped' : 'passed', duration_ms: stop ? 0 : 120, detail: stop ? '' : detail });
  return { result: stop ? 'failed' : 'passed', at: new Date().toISOString(), token: stop ? undefined : 'tok', duration_ms: 412, steps };
}

const dependantsOf = (c) => ({
  exports: state.exports_.filter((e) => e.connection?.id === c.id).map((e) => ({ id: e.id, display_name: e.display_name, state: e.state, owner: e.created_by, blocks: true })),
  enrichments: [],
});
const shown = (c) => ({ ...c, dependants: { exports: dependantsOf(c).exports.length, enrichments: 0 } });
const secretsAfter = (before, change = {}) => {
  const after = { ...before };
  for (const [name, verb] of Object.entries(change)) {
    if (verb === null) delete after[name];
    else if (verb.set) after[name] = { is_set: true, source: 'stored', set_at: new Date().toISOString() };
  }
  return after;
};
const pause = () => new Promise((r) => setTimeout(r, Number(process.env.MOCK_VERIFY_MS ?? 900)));
const admin = { needs: 'connections_manage' };

const connectionRoutes = [
  ['GET', '/connections', ({ query }) => page(state.connections.filter((c) => c.serves.includes(query.get('serves') ?? 'export')).map(shown), query, { search: (c) => `${c.display_name} ${c.type_title}`, values: { type: (c) => c.type_title, display_name: (c) => c.display_name.toLowerCase() } }), admin],
  ['POST', '/connections', ({ body, session }) => {
    if (state.connections.some((c) => c.type === body.type && c.display_name.toLowerCase() === body.display_name.toLowerCase()))
      refuse(409, 'connection.name_taken', 'Another connection of this type has this name.', { errors: [{ pointer: '/display_name', reason: 'name_taken', detail: 'Another connection of this type has this name.' }] });
    const type = state.types.find((t) => t.id === body.type);
    const by = { id: session.user.id, display_name: session.user.display_name };
    const now = new Date().toISOString();
    const c = { id: state.newId(), type: type.id, type_title: type.title, serves: type.serves, display_name: body.display_name, settings: body.settings, secrets: secretsAfter({}, body.secrets), sharing: body.sharing, consent: { agreed_by: by, agreed_at: now, statement_version: 1 }, health: body.verification_token ? 'ok' : 'not_verified', verification: body.verification_token ? verification(type.id, body.settings) : null, version: 1, created_at: now, created_by: by, updated_at: now, updated_by: by, can: ['update', 'share', 'verify', 'remove'] };
    state.connections.push(c);
    return { status: 201, body: shown(c) };
  }, admin],
  ['POST', '/connections/verify', async ({ body }) => (await pause(), { body: verification(body.type, body.settings) }), admin],
  ['GET', '/connections/{id}', ({ params }) => ({ body: shown(find(state.connections, params[0])) }), admin],
  ['PATCH', '/connections/{id}', ({ params, body, version, session }) => {
    const c = find(state.connections, params[0]);
    checkVersion(c, version);
    if (body.settings && body.settings.host !== c.settings.host && body.secrets?.password?.keep) refuse(422, 'connection.secret_required', 'The target changed, so its secrets must be entered again.', { errors: [{ pointer: '/secrets/password', reason: 'required', detail: 'This is still the secret of the previous target. Enter it again.' }] });
    const { secrets, verification_token, consent: _, ...rest } = body;
    Object.assign(c, rest, { secrets: secretsAfter(c.secrets, secrets), version: c.version + 1, updated_at: new Date().toISOString(), updated_by: { id: session.user.id, display_name: session.user.display_name } });
    if (body.settings) Object.assign(c, { health: verification_token ? 'ok' : 'not_verified', verification: verification_token ? verification(c.type, c.settings) : null });
    return { body: shown(c) };
  }, admin],
  ['POST', '/connections/{id}/verify', async ({ params }) => {
    const c = find(state.connections, params[0]);
    await pause();
    c.verification = verification(c.type, c.type === 'sftp' && c.settings.host.includes('printshop') ? { ...c.settings, host: 'bad' } : c.settings);
    c.health = c.verification.result === 'passed' ? 'ok' : 'failing';
    return { body: c.verification };
  }, admin],
  ['GET', '/connections/{id}/dependants', ({ params }) => ({ body: dependantsOf(find(state.connections, params[0])) }), admin],
  ['DELETE', '/connections/{id}', ({ params, version }) => {
    const c = find(state.connections, params[0]);
    checkVersion(c, version);
    const dependants = dependantsOf(c);
    if (dependants.exports.length) refuse(409, 'connection.in_use', 'The connection is in use.', { dependants });
    state.connections.splice(state.connections.indexOf(c), 1);
    return { status: 204 };
  }, admin],
];

// First those of the system: "/exports/batch" is not an export.
export const routes = [...sessionRoutes, ...systemRoutes, ...typeRoutes, ...connectionRoutes, ...dataRoutes, ...exportRoutes];
