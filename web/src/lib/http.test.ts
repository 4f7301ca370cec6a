import { afterEach, describe, expect, it, vi } from 'vitest';
import { Refused, serve } from '../test/fake-server';
import { http, onSessionEnded, query, setCsrf } from './http';
import { Problem } from './problem';

afterEach(() => {
  vi.unstubAllGlobals();
  setCsrf(null);
});

describe('http', () => {
  it('sends the CSRF token with changes and not with reads', async () => {
    const asked = serve({ 'GET /home': {}, 'POST /exports': {} });
    setCsrf('secret-token');
    await http.get('/home');
    await http.post('/exports', { a: 1 });
    expect(asked[0]?.headers).not.toHaveProperty('X-Sluice-CSRF');
    expect(asked[1]?.headers['X-Sluice-CSRF']).toBe('secret-token');
  });

  it('names the version that is being changed', async () => {
    const asked = serve({ 'PATCH /exports/1': {}, 'DELETE /exports/1': undefined });
    await http.patch('/exports/1', {}, 7);
    await http.delete('/exports/1', 8);
    expect(asked.map((a) => a.headers['If-Match'])).toEqual(['"7"', '"8"']);
  });

  it('turns a refusal into a problem with its field errors and request id', async () => {
    const errors = [{ pointer: '/settings/host', reason: 'bad', detail: 'Not a host.' }];
    serve({ 'POST /connections': new Refused(422, 'request.invalid', { errors }) });
    const problem = await http.post('/connections', {}).catch((e: unknown) => e);
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ status: 422, reason: 'request.invalid', request_id: 'req-1', errors });
  });

  it('understands an answer that is not JSON', async () => {
    vi.stubGlobal('fetch', async () => new Response('<html>Bad gateway</html>', { status: 502 }));
    await expect(http.get('/home')).rejects.toMatchObject({ status: 502, errors: [] });
  });

  it('says that the server cannot be reached', async () => {
    vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('failed to fetch')));
    await expect(http.get('/home')).rejects.toMatchObject({ is_unreachable: true });
  });

  it('reads how long to wait', async () => {
    serve({ 'POST /session': new Refused(429, 'session.too_many_attempts', {}, { 'Retry-After': '30' }) });
    await expect(http.post('/session', {}, { anonymous: true })).rejects.toMatchObject({ retry_after_seconds: 30 });
  });

  it('waits for a new sign-in and repeats the request with the new token', async () => {
    let signedIn = false;
    const asked = serve({ 'POST /exports': () => (signedIn ? { id: 'e1' } : new Refused(401, 'session.required')) });
    setCsrf('old');
    const off = onSessionEnded(async () => {
      signedIn = true;
      setCsrf('new');
      return true;
    });
    await expect(http.post('/exports', { name: 'typed' })).resolves.toEqual({ id: 'e1' });
    expect(asked[1]).toMatchObject({ body: { name: 'typed' }, headers: { 'X-Sluice-CSRF': 'new' } });
    off();
  });

  it('gives the refusal back when nobody signs in', async () => {
    serve({ 'GET /exports': new Refused(401, 'session.required') });
    await expect(http.get('/exports')).rejects.toMatchObject({ status: 401 });
  });
});

it('leaves empty values out of a query', () => {
  expect(query({ q: '', sort: '-created_at', cursor: undefined, limit: 50 })).toBe('?sort=-created_at&limit=50');
  expect(query({})).toBe('');
});
