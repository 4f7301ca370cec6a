// Stands in for the server in screen tests: answers of the contract by "METHOD /path", and a record of what was asked.

import { vi } from 'vitest';

export interface Asked {
  method: string;
  path: string;
  headers: Record<string, string>;
  /** Parsed where it was JSON; a file as it is. */
  body: unknown;
}

type Answer = unknown | ((asked: Asked) => unknown);

export class Refused {
  constructor(
    readonly status: number,
    readonly reason: string,
    readonly more: Record<string, unknown> = {},
    readonly headers: Record<string, string> = {},
  ) {}
}

export function serve(answers: Record<string, Answer>): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
    const path = url.replace('/api/v1', '');
    const method = init.method ?? 'GET';
    const call: Asked = {
      method,
      path,
      headers: (init.headers ?? {}) as Record<string, string>,
      body: typeof init.body === 'string' ? JSON.parse(init.body) : (init.body ?? undefined),
    };
    asked.push(call);
    const key = [`${method} ${path}`, `${method} ${path.split('?')[0]}`].find((k) => k in answers);
    const found = key === undefined ? new Refused(404, 'not_found') : answers[key];
    const answer = typeof found === 'function' ? found(call) : found;
    if (answer instanceof Refused) {
      const problem = { status: answer.status, reason: answer.reason, detail: answer.reason, instance: 'req-1', errors: [], ...answer.more };
      return new Response(JSON.stringify(problem), { status: answer.status, headers: answer.headers });
    }
    return answer === undefined ? new Response(null, { status: 204 }) : new Response(JSON.stringify(answer), { status: 200 });
  });
  return asked;
}

export const list = <T>(items: T[]) => ({ items, next_cursor: null, total: items.length });
