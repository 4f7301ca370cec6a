// The scenario: one environment with customers, segments, connections, exports and their runs.

let counter = 0;
export const newId = () => `0192f0a0-${(0x7000 + ++counter).toString(16)}-7000-8000-${String(counter).padStart(12, '0')}`;
export const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();

export const users = {
  'ada@example.org': { id: newId(), email: 'ada@example.org', display_name: 'Ada Lovelace', role: 'administrator' },
  'grace@example.org': { id: newId(), email: 'grace@example.org', display_name: 'Grace Hopper', role: 'contributor' },
  'vera@example.org': { id: newId(), email: 'vera@example.org', display_name: 'Vera Viewer', role: 'viewer' },
};
export const ada = { id: users['ada@example.org'].id, display_name: 'Ada Lovelace' };
const grace = { id: users['grace@example.org'].id, display_name: 'Grace Hopper' };

export const permissions = {
  administrator: ['view', 'connections_manage', 'exports_edit', 'tables_edit', 'segments_edit', 'users_manage', 'system_manage', 'audit_view'],
  contributor: ['view', 'exports_edit', 'tables_edit', 'segments_edit'],
  viewer: ['view'],
};

const passed = (at) => ({
  result: 'passed',
  at,
  duration_ms: 412,
  steps: [
    { name: 'connect', title: 'Reach the server', state: 'passed', duration_ms: 31, detail: 'files.example.net answered.' },
    { name: 'sign_in', title: 'Sign in', state: 'passed', duration_ms: 180, detail: 'Signed in as sluice.' },
  ],
});

function connection(type, type_title, display_name, extra) {
  return {
    id: newId(), type, type_title, serves: ['export'], display_name, settings: {}, secrets: {}, sharing: { with: 'administrators' },
    consent: { agreed_by: ada, agreed_at: ago(60 * 24 * 12), statement_version: 1 }, health: 'ok', verification: passed(ago(55)),
    dependants: { exports: 0, enrichments: 0 }, version: 1, created_at: ago(60 * 24 * 12), created_by: ada, updated_at: ago(3000), updated_by: ada,
    can: ['update', 'share', 'verify', 'remove'], ...extra,
  };
}

export const connections = [
  connection('sftp', 'Secure File Transfer (SFTP)', 'Agency drop box', {
    settings: { host: 'files.example.net', port: 22, username: 'sluice', auth: 'password', folder: 'in/weekly', host_key: 'SHA256:uKxYwT1m3Jq6Tn0o0m8m1lq0vLwq9pX3q1yQb1m2c3d' },
    secrets: { password: { is_set: true, source: 'stored', set_at: ago(9000) } }, sharing: { with: 'contributors' },
  }),
  connection('folder', 'Folder on this server', 'Exports folder', { settings: { folder: 'out' }, sharing: { with: 'contributors' }, verification: null, health: 'not_verified', created_at: ago(60 * 24 * 30) }),
  connection('sftp', 'Secure File Transfer (SFTP)', 'Print shop for the spring catalogue and the regional mailings of the north', {
    settings: { host: 'sftp.printshop.example', port: 2222, username: 'mailing', auth: 'key' },
    secrets: { private_key: { is_set: true, source: 'stored', set_at: ago(9000) } }, health: 'failing', created_at: ago(60 * 26),
    verification: { result: 'failed', at: ago(14), duration_ms: 10_040, steps: [{ name: 'connect', title: 'Reach the server', state: 'failed', duration_ms: 10_000, detail: 'sftp.printshop.example did not answer on port 2222 within 10 seconds.', advice: 'Check the port and whether a firewall lets this server out.' }] },
  }),
  connection('mail', 'Example Mail', 'Newsletter list', { settings: { account_host: 'eu1.mail.example' }, secrets: { api_key: { is_set: true, source: 'stored', set_at: ago(100) } }, health: 'secret_unreachable', created_at: ago(100) }),
];

const names = ['CustomerId', 'FirstName', 'LastName', 'Email', 'Gender', 'SeniorCitizen', 'Country', 'City', 'SignupDate', 'MonthlyCharges', 'TenureMonths', 'Churned'];
const typesOf = ['text', 'text', 'text', 'text', 'text', 'boolean', 'text', 'text', 'date', 'decimal', 'integer', 'boolean'];
const nulls = [0, 0, 0, 114, 0, 0, 3, 20, 0, 11, 0, 0];

export const customerColumns = names.map((name, i) => ({ name, type: typesOf[i], nulls: nulls[i], key: i === 0 }));

export const sampleRows = (n) => Array.from({ length: n }, (_, i) => [
  `${7590 + i}-VHV${String.fromCharCode(65 + (i % 26))}G`, ['Ines', 'Jonas', 'Mara', 'Tom', 'Aylin'][i % 5], ['Berger', 'Okafor', 'Silva', 'Novak'][i % 4],
  i % 9 === 4 ? null : `person${i}@example.org`, i % 2 ? 'Female' : 'Male', String(i % 7 === 0), ['US', 'DE', 'PT'][i % 3], ['Austin', 'Köln', 'Porto'][i % 3],
  `2023-0${1 + (i % 9)}-1${i % 9}`, (29.85 + (i % 40) * 1.7).toFixed(2), String(i % 72), String(i % 5 === 0),
]);

const table = (name, rows, columns, extra) => ({
  id: newId(), name, kind: 'table', source: { kind: 'csv', filename: `${name}.csv` }, key: columns[0].name, rows, columns, state: 'ready', is_customer_table: false,
  last_run: null, error: null, updated_at: ago(300), created_at: ago(9000), created_by: ada, version: 1, can: ['update', 'remove'], ...extra,
});

const col = (name, type, key) => ({ name, type, nulls: 0, key });
export const tables = [
  table('Customer', 7043, customerColumns, { is_customer_table: true, source: { kind: 'csv', filename: 'CustomerDemographics.csv' } }),
  table('Orders', 182_440, [col('OrderId', 'integer', true), col('CustomerId', 'text'), col('OrderedAt', 'timestamp'), col('Total', 'decimal')], { updated_at: ago(60 * 50) }),
  table('Stores', 88, [col('StoreId', 'integer', true), col('City', 'text')], { state: 'failed', error: { reason: 'import.bad_row', detail: 'Line 41 has 5 fields, the header has 4.' }, rows: null, updated_at: ago(9) }),
];

const segment = (name, display_name, members, extra) => ({
  id: newId(), name, display_name, kind: 'rule', rule: { match: 'all', conditions: [{ column: 'Country', operator: 'equals', value: 'US' }, { match: 'any', conditions: [{ column: 'SeniorCitizen', operator: 'equals', value: true }, { column: 'TenureMonths', operator: 'greater', value: 60 }] }] },
  state: 'active', status: 'ready', members, refreshed_at: ago(300), exports: 1, created_at: ago(8000), created_by: grace, updated_at: ago(300), version: 1, can: ['update', 'refresh', 'remove'], ...extra,
});

export const segments = [
  segment('us_seniors', 'US seniors', 812),
  segment('high_value', 'High value', 1544, { rule: { match: 'all', conditions: [{ column: 'MonthlyCharges', operator: 'greater_or_equal', value: 80 }] } }),
  segment('event_guests', 'Event guests', 120, { kind: 'list', rule: null, exports: 0 }),
];

const ref = (c) => ({ id: c.id, display_name: c.display_name, type: c.type, type_title: c.type_title });

const exp = (display_name, c, extra) => ({
  id: newId(), display_name, connection: c ? ref(c) : null, type: c?.type ?? 'sftp', type_title: c?.type_title ?? 'Secure File Transfer (SFTP)',
  state: c ? 'active' : 'inactive', tables: ['us_seniors', 'Customer'], columns: { us_seniors: ['CustomerId', 'Email'] }, settings: { compression: 'gzip', delimiter: ',' }, mode: 'full',
  schedule: { kind: 'system' }, last_run: null, refreshed_at: null, needs_attention: [], version: 1, created_at: ago(5000), created_by: grace, updated_at: ago(400),
  can: ['update', 'run', 'remove', 'disconnect'], ...extra,
});

export const exports_ = [
  exp('Seniors to the agency', connections[0]),
  exp('Everything, nightly', connections[1], { tables: ['Customer', 'Orders'], columns: {} }),
  exp('Spring catalogue addresses', connections[2], { tables: ['high_value'], columns: {}, needs_attention: [{ reason: 'export.table_missing', detail: 'The segment “north” no longer exists.' }] }),
  exp('Win-back', null, { tables: ['high_value'] }),
  exp('First look', connections[1], { tables: ['event_guests'], columns: {} }),
];

const zero = { rows_read: 0, rows_sent: 0, rows_unchanged: 0, rows_omitted: 0, rows_rejected: 0, rows_removed: 0, bytes: 0, files: 0 };
export function run(subject, kind, state, minutes, extra = {}) {
  const ended = !['queued', 'running', 'retrying', 'needs_approval'].includes(state);
  return {
    id: newId(), kind, subject: { id: subject.id, display_name: subject.display_name ?? subject.name }, connection: subject.connection ?? null, state, trigger: 'manual', requested_by: ada,
    queued_at: ago(minutes), started_at: ago(minutes), ended_at: ended ? ago(minutes - 0.7) : null, duration_ms: ended ? 42_300 : null, counts: { ...zero }, tables: [], expected_rows: null,
    error: null, files: [], defined_by: grace, version: 1, can: ended ? [] : ['cancel'], ...extra,
  };
}

const sent = (rows) => ({ ...zero, rows_read: rows, rows_sent: rows, bytes: rows * 118, files: 2 });
const part = (name, rows, state = 'succeeded', error = null) => ({ name, state, rows_read: rows, rows_sent: state === 'succeeded' ? rows : 0, bytes: rows * 118, files: 1, expected_rows: rows, error });

export const runs = [
  run(exports_[0], 'export', 'succeeded', 22, {
    counts: sent(7855), expected_rows: 7855, tables: [part('us_seniors', 812), part('Customer', 7043)],
    files: [{ path: 'in/weekly/Sluice_prod/seniors-to-the-agency/us_seniors/2025/11/25/0310/us_seniors_1.csv.gz', rows: 812, bytes: 18_240 }, { path: 'in/weekly/Sluice_prod/seniors-to-the-agency/Customer/2025/11/25/0310/Customer_1.csv.gz', rows: 7043, bytes: 401_233 }],
  }),
  run(exports_[1], 'export', 'completed_with_warnings', 60 * 9, { trigger: 'schedule', requested_by: null, counts: { ...sent(189_483), rows_omitted: 12 }, expected_rows: 189_495, tables: [part('Customer', 7043), part('Orders', 182_440)] }),
  run(exports_[2], 'export', 'failed', 14, { error: { reason: 'target.unreachable', detail: 'sftp.printshop.example did not answer on port 2222 within 10 seconds. Check the port and whether a firewall lets this server out.' }, tables: [part('high_value', 1544, 'failed', 'Not sent: the server could not be reached.')] }),
  run(tables[0], 'import', 'succeeded', 300, { counts: { ...zero, rows_read: 7043 }, expected_rows: 7043, subject: { id: tables[0].id, display_name: 'Customer' } }),
  run(tables[2], 'import', 'failed', 9, { error: { reason: 'import.bad_row', detail: 'Line 41 has 5 fields, the header has 4.' }, subject: { id: tables[2].id, display_name: 'Stores' } }),
];

export const brief = (r) => ({ id: r.id, state: r.state, started_at: r.started_at, ended_at: r.ended_at });
for (const [i, e] of [[0, 0], [1, 1], [2, 2]]) exports_[e].last_run = brief(runs[i]);
exports_[0].refreshed_at = runs[0].ended_at;
exports_[1].refreshed_at = runs[1].ended_at;
exports_[2].refreshed_at = ago(60 * 24 * 11);
tables[0].last_run = brief(runs[3]);
tables[2].last_run = brief(runs[4]);
