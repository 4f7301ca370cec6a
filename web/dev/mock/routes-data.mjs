import { checkVersion, find, page } from './routes.mjs';
import { broadcast, play, refuse, state } from './state.mjs';

const preview = (rows) => rows.slice(0, 8);

function detect(raw, filename, wish = {}) {
  const text = raw.toString('utf8').replace(/^\uFEFF/, '');
  const lines = text.split(/\r?\n/).filter(Boolean).slice(0, 200);
  const delimiter = wish.delimiter ?? [',', ';', '\t', '|'].sort((a, b) => (lines[0] ?? '').split(b).length - (lines[0] ?? '').split(a).length)[0];
  const cells = lines.map((line) => line.split(delimiter));
  const has_header = wish.has_header ?? true;
  const header = has_header ? cells[0] : cells[0].map((_, i) => `Column${i + 1}`);
  const rows = has_header ? cells.slice(1) : cells;
  const columns = header.map((name, i) => {
    const examples = rows.map((r) => r[i]).filter(Boolean);
    const type = examples.every((v) => /^-?\d+$/.test(v)) ? 'integer' : examples.every((v) => /^-?\d+\.\d+$/.test(v)) ? 'decimal' : examples.every((v) => /^\d{4}-\d\d-\d\d$/.test(v)) ? 'date' : examples.every((v) => /^(true|false|yes|no)$/i.test(v)) ? 'boolean' : 'text';
    return { name, type, examples: examples.slice(0, 3), nullable: examples.length < rows.length, empty_count: rows.length - examples.length };
  });
  const unique = columns.filter((_, i) => new Set(rows.map((r) => r[i])).size === rows.length && rows.every((r) => r[i])).map((c) => c.name);
  return { encoding: wish.encoding ?? 'utf-8', has_bom: false, delimiter, has_header, line_ending: '\n', columns, preview: preview(rows).map((r) => header.map((_, i) => r[i] || null)), sampled_rows: rows.length, key_candidates: unique, warnings: [] };
}

const rule = (body) => {
  const errors = [];
  const check = (list, at) => list.forEach((c, i) => {
    if (c.conditions) return check(c.conditions, `${at}/${i}/conditions`);
    const column = state.customerColumns.find((x) => x.name === c.column);
    if (column && ['integer', 'decimal'].includes(column.type) && c.value !== undefined && Number.isNaN(Number(c.value))) errors.push({ pointer: `${at}/${i}/value`, reason: 'not_a_number', detail: 'Enter a number.' });
  });
  check(body.rule.conditions, '/rule/conditions');
  if (errors.length) refuse(422, 'segment.rule_invalid', 'The rule has errors.', { errors });
};

const sampled = (n) => ({ columns: state.customerColumns.map((c) => c.name), rows: state.sampleRows(n) });
const edit = (permission) => ({ needs: permission });

export const dataRoutes = [
  ['POST', '/uploads', ({ raw, query }) => {
    const upload = { id: state.newId(), filename: query.get('filename'), bytes: raw.length, created_at: new Date().toISOString(), expires_at: new Date(Date.now() + 864e5).toISOString() };
    state.uploads.set(upload.id, { ...upload, raw });
    return { status: 201, body: { ...upload, detected: detect(raw, upload.filename) } };
  }, edit('tables_edit')],
  ['POST', '/uploads/{id}/detect', ({ params, body }) => ({ body: detect(state.uploads.get(params[0]).raw, '', body) }), edit('tables_edit')],
  ['GET', '/tables', () => ({ body: { items: state.tables, next_cursor: null, total: state.tables.length } })],
  ['POST', '/tables', ({ body, session }) => {
    const old = state.tables.find((t) => t.name === body.name);
    if (old && !body.replace) refuse(409, 'table.name_taken', `There is already a table ${body.name}.`, { errors: [{ pointer: '/name', reason: 'name_taken', detail: `There is already a table ${body.name}.` }] });
    const upload = state.uploads.get(body.upload_ids[0]);
    const rows = upload.raw.toString('utf8').split('\n').filter(Boolean).length - (body.has_header ? 1 : 0);
    const columns = body.columns.filter((c) => c.included).map((c) => ({ name: c.name, type: c.type, nulls: 0, key: c.name === body.key }));
    const by = { id: session.user.id, display_name: session.user.display_name };
    const table = old ?? { id: state.newId(), name: body.name, kind: 'table', created_at: new Date().toISOString(), created_by: by, version: 0, can: ['update', 'remove'], is_customer_table: body.name === 'Customer', error: null };
    if (!old) state.tables.push(table);
    Object.assign(table, { source: { kind: 'csv', filename: upload.filename }, key: body.key, rows: old?.rows ?? null, columns, state: 'importing', version: table.version + 1, updated_at: new Date().toISOString() });
    const run = state.run({ id: table.id, display_name: table.name }, 'import', 'queued', 0, { requested_by: by, started_at: null });
    state.runs.unshift(run);
    table.last_run = state.brief(run);
    play(run, { rows, done: () => {
      Object.assign(table, { rows, state: 'ready', last_run: state.brief(run) });
      broadcast('table', { name: table.name, state: 'ready' });
    } });
    return { status: 202, body: { table, run } };
  }, edit('tables_edit')],
  ['GET', '/tables/{name}', ({ params }) => ({ body: state.tables.find((t) => t.name === params[0]) ?? refuse(404, 'table.not_found', 'There is no such table.') })],
  ['GET', '/tables/{name}/rows', ({ params, query }) => ({ body: params[0] === 'Customer' ? sampled(Number(query.get('limit') ?? 100)) : { columns: state.tables.find((t) => t.name === params[0]).columns.map((c) => c.name), rows: [] } })],
  ['DELETE', '/tables/{name}', ({ params }) => {
    const table = state.tables.find((t) => t.name === params[0]);
    const users = state.exports_.filter((e) => e.tables.includes(params[0]));
    if (users.length) refuse(409, 'table.in_use', `It is used by ${users.map((e) => e.display_name).join(', ')}.`, { dependants: { exports: users } });
    state.tables.splice(state.tables.indexOf(table), 1);
    return { status: 204 };
  }, edit('tables_edit')],
  ['GET', '/segments', () => ({ body: { items: state.segments, next_cursor: null, total: state.segments.length } })],
  ['POST', '/segments/preview', ({ body }) => {
    rule(body);
    const members = Math.max(3, Math.round(7043 / (1 + body.rule.conditions.length * 2.7)));
    return { body: { members, total: 7043, sample: sampled(10) } };
  }],
  ['POST', '/segments', ({ body, session }) => {
    if (body.rule) rule(body);
    const now = new Date().toISOString();
    const s = { id: state.newId(), name: body.display_name.toLowerCase().replace(/\W+/g, '_'), display_name: body.display_name, kind: body.kind, rule: body.rule ?? null, state: 'active', status: 'ready', members: 245, refreshed_at: now, exports: 0, created_at: now, created_by: session.user, updated_at: now, version: 1, can: ['update', 'refresh', 'remove'] };
    state.segments.push(s);
    return { status: 201, body: s };
  }, edit('segments_edit')],
  ['GET', '/segments/{id}', ({ params }) => ({ body: find(state.segments, params[0]) })],
  ['PATCH', '/segments/{id}', ({ params, body, version }) => {
    const s = find(state.segments, params[0]);
    checkVersion(s, version);
    return { body: Object.assign(s, body, { version: s.version + 1, updated_at: new Date().toISOString() }) };
  }, edit('segments_edit')],
  ['GET', '/segments/{id}/rows', () => ({ body: sampled(100) })],
  ['POST', '/segments/{id}/refresh', ({ params }) => ({ body: Object.assign(find(state.segments, params[0]), { refreshed_at: new Date().toISOString() }) }), edit('segments_edit')],
  ['DELETE', '/segments/{id}', ({ params }) => (state.segments.splice(state.segments.indexOf(find(state.segments, params[0])), 1), { status: 204 }), edit('segments_edit')],
  ['GET', '/exportable-tables', () => ({
    body: {
      items: [
        ...state.tables.filter((t) => t.state === 'ready').map((t) => ({ name: t.name, display_name: t.name, kind: 'table', rows: t.rows, columns: t.columns })),
        ...state.segments.map((s) => ({ name: s.name, display_name: s.display_name, kind: 'segment', rows: s.members, columns: state.customerColumns })),
      ],
    },
  })],
  ['GET', '/runs', ({ query }) => page(state.runs.filter((r) => ['export_id', 'subject_id'].every((k) => !query.get(k) || r.subject.id === query.get(k)) && (!query.get('trigger') || r.trigger === query.get('trigger')) && (!query.get('kind') || r.kind === query.get('kind')) && (!query.get('state') || r.state === query.get('state'))), query, { search: (r) => r.subject.display_name, values: { subject: (r) => r.subject.display_name } })],
  ['GET', '/runs/{id}', ({ params }) => ({ body: find(state.runs, params[0]) })],
  ['POST', '/runs/{id}/cancel', ({ params }) => {
    const run = Object.assign(find(state.runs, params[0]), { state: 'canceled', ended_at: new Date().toISOString(), can: [] });
    broadcast('run', run);
    return { body: run };
  }, edit('exports_edit')],
];
