// Exports of rows in the scenario: a mailing list, audiences of an ads service, a hook with free names; a run with all that can happen.

import { ago, connections, exports_, newId, run, runs } from './data.mjs';

const connection = (type, type_title, display_name) => ({ ...connections[0], id: newId(), type, type_title, display_name, settings: {}, secrets: {}, sharing: { with: 'contributors' } });
connections.push(connection('ads', 'Example Ads', 'Ads account of the group'), connection('hook', 'Example Hook', 'Order desk'));
const newsletter = connections.find((c) => c.type === 'mail');

const newsletterExport = {
  ...exports_[0], id: newId(), display_name: 'Newsletter of the seniors', connection: { id: newsletter.id, display_name: newsletter.display_name, type: 'mail', type_title: newsletter.type_title },
  type: 'mail', type_title: newsletter.type_title, tables: ['us_seniors', 'high_value'], columns: {}, settings: { list_id: '42' }, mapping: { email: 'Email', first_name: 'FirstName', last_name: 'LastName' }, mode: 'mirror',
  schedule: { kind: 'system', rule: null, summary: 'With the system refresh', next_at: null }, last_run: null,
};
exports_.push(newsletterExport);

const counts = { rows_read: 2356, rows_sent: 214, rows_unchanged: 2098, rows_omitted: 37, rows_rejected: 7, rows_removed: 12, bytes: 61_200, files: 0 };
const part = (name, rows, sent, rejected, error = null) => ({ name, state: rejected ? 'completed_with_errors' : 'succeeded', rows_read: rows, rows_sent: sent, rows_unchanged: rows - sent - rejected - 18, rows_omitted: 18, rows_rejected: rejected, rows_removed: 6, bytes: sent * 280, files: 0, expected_rows: rows, error });

runs.unshift(
  run(newsletterExport, 'export', 'completed_with_errors', 4, {
    counts, expected_rows: 2356, tables: [part('us_seniors', 812, 60, 7, '7 rows were rejected.'), part('high_value', 1544, 154, 0)], can: ['rejected', 'resend', 'requests'],
    warnings: [{ reason: 'run.rows_omitted', detail: '37 rows were left out: 35 without an e-mail address, 2 with the address of another row.' }],
  }),
  run(newsletterExport, 'export', 'running', 2, { counts: { ...counts, rows_sent: 100 }, expected_rows: 2356, waiting_until: ago(-6), tables: [part('us_seniors', 812, 60, 0)], can: ['cancel', 'requests'] }),
);

const call = (extra) => ({
  at: ago(4), method: 'POST', url: 'https://eu1.mail.example/v1/lists/42/members?skip_merge_validation=true', status: 200, duration_ms: 318, rows: 100, request_bytes: 28_120, answer_bytes: 412,
  request_headers: 'Authorization: ••••••\nContent-Type: application/json\nIdempotency-Key: 5d1c0a', answer_headers: 'Content-Type: application/json\nX-RateLimit-Remaining: 97',
  request_body: JSON.stringify({ members: [{ email_address: 'person1@example.org', status: 'subscribed', merge_fields: { FNAME: 'Ines', LNAME: 'Berger' } }, { email_address: 'person2@example.org', status: 'subscribed' }], update_existing: true }),
  answer_body: JSON.stringify({ total_created: 98, total_updated: 2, error_count: 0, errors: [] }), error: '', ...extra,
});

export const requests = [
  call({ method: 'GET', url: 'https://eu1.mail.example/v1/lists/42', rows: 0, duration_ms: 92, request_body: '', answer_body: JSON.stringify({ id: '42', name: 'Newsletter', stats: { member_count: 2104 } }) }),
  call({}),
  call({ status: 429, rows: 0, duration_ms: 40, answer_body: JSON.stringify({ title: 'Too Many Requests', detail: 'Wait 360 seconds.' }), answer_headers: 'Retry-After: 360' }),
  call({ status: 400, rows: 0, duration_ms: 120, answer_body: JSON.stringify({ title: 'Invalid Resource', errors: [{ field: 'members.0.email_address', message: 'looks fake or invalid' }] }) }),
  call({ status: 0, rows: 0, duration_ms: 60_000, answer_headers: '', answer_body: '', answer_bytes: 0, error: 'The service did not answer within 60 seconds.' }),
];

export const dryRun = (e) => {
  const ofRows = ['mail', 'ads', 'hook'].includes(e.type);
  return {
    tables: e.tables.map((name) => ({
      name, state: 'ok', detail: '', rows: 812, columns: ['email_address', 'FNAME'], files: ofRows ? [] : [`Sluice_prod/${name}/${name}_1.csv.gz`],
      first_bytes: ofRows ? `POST https://eu1.mail.example/v1/lists/42/members\nAuthorization: ••••••\n\n${requests[1].request_body}` : 'CustomerId,Email\n7590-VHVAG,person0@example.org\n',
      counts: ofRows ? { rows_read: 812, added: 20, changed: 9, owed: 1, unchanged: 770, removed: 3, omitted: 12, duplicates: 2, to_send: 30 } : null,
      omitted_reasons: ofRows ? [{ reason: 'email.missing', detail: 'Email is mandatory and has no value.', rows: 10 }, { reason: 'identifier.duplicate', detail: 'Another row has the same identifier.', rows: 2 }] : [],
    })),
    rows: 812 * e.tables.length, needs_approval: null,
  };
};
