// The one way to the server. Adds the CSRF header to changes, turns refusals into Problems, and when the session has
// ended in the middle of work, waits for the person to sign in again and repeats the request: nothing typed is lost.

import { Problem } from './problem';

export const API = '/api/v1';

export interface RequestOptions {
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  content?: { data: Blob; type: string };
  /** Version of the object being changed; sent as If-Match. */
  version?: number;
  idempotency_key?: string;
  signal?: AbortSignal;
  /** Do not ask for a sign-in on 401; used by the session calls themselves. */
  anonymous?: boolean;
}

type SignInAgain = () => Promise<boolean>;

let csrf: string | null = null;
let signInAgain: SignInAgain | null = null;

export function setCsrf(token: string | null): void {
  csrf = token;
}

/** Called on 401; resolves true once somebody has signed in. Returns a function that takes the handler away. */
export function onSessionEnded(handler: SignInAgain): () => void {
  signInAgain = handler;
  return () => {
    if (signInAgain === handler) signInAgain = null;
  };
}

export function changeHeaders(method: string): Record<string, string> {
  return method !== 'GET' && csrf ? { 'X-Sluice-CSRF': csrf } : {};
}

export async function waitForSignIn(): Promise<boolean> {
  return signInAgain ? signInAgain() : false;
}

export function readProblem(status: number, text: string, retryAfter: string | null): Problem {
  let body: Record<string, unknown> = {};
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch {
    // A proxy in between answered with something else than JSON.
  }
  return new Problem(status, body, parseRetryAfter(retryAfter));
}

function parseRetryAfter(value: string | null): number | undefined {
  if (!value) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return seconds;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

async function send(method: string, path: string, options: RequestOptions): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json', ...changeHeaders(method) };
  if (options.body !== undefined) headers['Content-Type'] = 'application/json';
  if (options.content) headers['Content-Type'] = options.content.type;
  if (options.version !== undefined) headers['If-Match'] = `"${options.version}"`;
  if (options.idempotency_key) headers['Idempotency-Key'] = options.idempotency_key;
  try {
    return await fetch(API + path, {
      method,
      headers,
      credentials: 'same-origin',
      body: options.content?.data ?? (options.body === undefined ? undefined : JSON.stringify(options.body)),
      signal: options.signal,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, { code: 'unreachable', detail: 'The server cannot be reached. Check your connection and try again.' });
  }
}

async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  let response = await send(method, path, options);
  if (response.status === 401 && !options.anonymous && (await waitForSignIn())) {
    response = await send(method, path, options);
  }
  const text = await response.text();
  if (!response.ok) throw readProblem(response.status, text, response.headers.get('Retry-After'));
  return (text ? JSON.parse(text) : undefined) as T;
}

export const http = {
  get: <T>(path: string, options?: RequestOptions) => request<T>('GET', path, options),
  post: <T>(path: string, body?: unknown, options?: RequestOptions) => request<T>('POST', path, { ...options, body }),
  patch: <T>(path: string, body: unknown, version: number, options?: RequestOptions) =>
    request<T>('PATCH', path, { ...options, body, version }),
  put: <T>(path: string, body: unknown, version: number, options?: RequestOptions) =>
    request<T>('PUT', path, { ...options, body, version }),
  delete: <T = void>(path: string, version?: number, options?: RequestOptions) =>
    request<T>('DELETE', path, { ...options, version }),
};

/** "?a=1&b=2" of what is set; empty values are left out. */
export function query(values: Record<string, string | number | boolean | null | undefined>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== '') params.set(key, String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : '';
}

export function newIdempotencyKey(): string {
  // randomUUID exists in secure contexts only, and the server may be reached by plain http in a private network.
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}
