// A server in memory for work on the web app without the real one: the contract of /api/v1 with a small scenario, and
// the files of web/dist. Usage: node dev/mock-server.mjs [port]. Any password but "wrong" signs in; "wrong" three times
// is throttled. Users: ada (administrator), grace (contributor), vera (viewer) @example.org.

import { createReadStream, existsSync, statSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { routes } from './mock/routes.mjs';
import { refuse, Refusal, state } from './mock/state.mjs';

const port = Number(process.argv[2] ?? process.env.PORT ?? 8420);
const dist = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'dist');
const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
const kinds = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' };

const cookieOf = (request) => /sluice_session=(\w+)/.exec(request.headers.cookie ?? '')?.[1];

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function send(response, status, value, headers = {}) {
  const text = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  response.writeHead(status, { 'Content-Type': status >= 400 ? 'application/problem+json' : 'application/json', ...headers });
  response.end(text);
}

async function api(request, response, url) {
  const session = state.sessions.get(cookieOf(request));
  const where = url.pathname.slice('/api/v1'.length);
  for (const [method, pattern, handler, options = {}] of routes) {
    const match = method === request.method && new RegExp(`^${pattern.replace(/\{\w+\}/g, '([^/]+)')}$`).exec(where);
    if (!match) continue;
    if (!options.anonymous && !session) refuse(401, 'session.required', 'Sign in first.');
    if (options.needs && !session.permissions.includes(options.needs)) refuse(403, 'permission.missing', 'Your role does not allow this.', { required_role: 'administrator' });
    if (!options.anonymous && method !== 'GET' && request.headers['x-sluice-csrf'] !== session.csrf) refuse(403, 'session.csrf', 'The request lacks its token.');
    const raw = method === 'GET' ? null : await body(request);
    const isJson = request.headers['content-type']?.includes('json');
    const version = /"(\d+)"/.exec(request.headers['if-match'] ?? '')?.[1];
    const call = { session, params: match.slice(1).map(decodeURIComponent), query: url.searchParams, raw, body: isJson && raw?.length ? JSON.parse(raw) : undefined, version: version && Number(version), request, response };
    if (state.delay) await new Promise((r) => setTimeout(r, state.delay));
    const answer = await handler(call);
    if (answer === 'handled') return;
    return send(response, answer.status ?? 200, answer.body, answer.headers);
  }
  refuse(404, 'not_found', 'There is nothing here.');
}

function file(response, url) {
  let target = path.join(dist, path.normalize(url.pathname));
  if (!target.startsWith(dist) || !existsSync(target) || statSync(target).isDirectory()) target = path.join(dist, 'index.html');
  if (!existsSync(target)) return send(response, 404, { title: 'Build the web app first: npm run build' });
  response.writeHead(200, { 'Content-Type': kinds[path.extname(target)] ?? 'application/octet-stream', 'Content-Security-Policy': policy, 'X-Content-Type-Options': 'nosniff' });
  createReadStream(target).pipe(response);
}

http
  .createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    if (!url.pathname.startsWith('/api/v1/')) return file(response, url);
    api(request, response, url).catch((error) => {
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'internal', String(error.stack ?? error));
      send(response, refusal.status, refusal.body, refusal.headers);
    });
  })
  .listen(port, '127.0.0.1', () => console.log(`mock: http://127.0.0.1:${port}`));
