// What went wrong, as the server says it (RFC 9457 problem+json), in one type for every caller.

export interface FieldProblem {
  pointer: string;
  reason: string;
  detail: string;
}

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly reason: string;
  readonly detail: string;
  /** The request id; people quote it to whoever runs the server. */
  readonly request_id: string | undefined;
  readonly errors: FieldProblem[];
  readonly extras: Record<string, unknown>;
  readonly retry_after_seconds: number | undefined;

  constructor(status: number, body: Record<string, unknown>, retryAfter?: number) {
    const text = (key: string) => (typeof body[key] === 'string' ? (body[key] as string) : '');
    const detail = text('detail') || text('title') || `The server answered with status ${status}.`;
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.code = text('code');
    this.reason = text('reason') || text('code');
    this.detail = detail;
    this.request_id = text('instance') || undefined;
    this.errors = Array.isArray(body.errors) ? (body.errors as FieldProblem[]) : [];
    this.extras = body;
    this.retry_after_seconds = retryAfter;
  }

  /** The server could not be reached at all, so trying again may help. */
  get is_unreachable(): boolean {
    return this.status === 0;
  }
}

export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(-1, { code: 'client', detail: error instanceof Error ? error.message : String(error) });
}

/** Field errors by the last parts of their pointer: "/settings/host" under "settings" becomes { host: … }. */
export function errorsBelow(problem: Problem | null, ...prefixes: string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { pointer, detail } of problem?.errors ?? []) {
    for (const prefix of prefixes) {
      const start = `/${prefix}/`;
      if (pointer.startsWith(start)) found[pointer.slice(start.length)] = detail;
    }
  }
  return found;
}

export function errorAt(problem: Problem | null, pointer: string): string | undefined {
  return problem?.errors.find((e) => e.pointer === pointer)?.detail;
}
