// A web service of somebody's own: takes batches, checks their signature, refuses some rows, and remembers everything.
import { createHmac } from 'node:crypto';
import http from 'node:http';

// `refuses(row)` says why a row is not taken, or nothing.
export async function startSink(key, refuses) {
  const calls = [];
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const [, time, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(request.headers['x-sluice-signature'] ?? '') ?? [];
      const signed = createHmac('sha256', key).update(`${time}.${text}`).digest('hex') === signature;
      const body = JSON.parse(text);
      calls.push({ signed, ...body });
      const rejected = body.operation === 'upsert' ? body.rows.flatMap((row, at) => (refuses(row) ? [{ row: at, reason: 'not_taken', detail: refuses(row) }] : [])) : [];
      response.writeHead(signed ? 200 : 401, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ accepted: body.rows.length - rejected.length, rejected }));
    });
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    calls,
    url: `http://127.0.0.1:${server.address().port}/members`,
    rows: (from = 0) => calls.slice(from).filter((call) => call.operation === 'upsert').flatMap((call) => call.rows),
    stop: () => new Promise((stopped) => { server.closeAllConnections(); server.close(stopped); }),
  };
}
