import * as data from './data.mjs';
import { types } from './types.mjs';

export const state = {
  ...data,
  types,
  sessions: new Map(),
  listeners: new Set(),
  uploads: new Map(),
  failures: new Map(),
  delay: Number(process.env.MOCK_DELAY ?? 0),
};

if (process.env.MOCK_EMPTY) for (const list of [state.connections, state.tables, state.segments, state.exports_, state.runs]) list.length = 0;
if (process.env.MOCK_MANY) {
  const first = state.connections[0];
  for (let i = 0; i < Number(process.env.MOCK_MANY); i++) state.connections.push({ ...first, id: data.newId(), display_name: `Partner ${String(i).padStart(5, '0')}` });
}

export class Refusal extends Error {
  constructor(status, reason, detail, extras = {}, headers = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
    this.body = { type: 'about:blank', title: detail, status, detail, instance: `req_${Math.random().toString(36).slice(2, 14)}`, code: reason, reason, errors: [], ...extras };
  }
}

export const refuse = (...args) => {
  throw new Refusal(...args);
};

export function broadcast(event, value) {
  for (const response of state.listeners) response.write(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`);
}

/** Moves a run forward in steps, as a worker would. */
export function play(run, { rows, done }) {
  run.expected_rows = rows;
  let step = 0;
  const steps = Number(process.env.MOCK_STEPS ?? 12);
  const timer = setInterval(() => {
    if (run.state === 'canceled') return clearInterval(timer);
    step += 1;
    run.state = 'running';
    run.started_at ??= new Date().toISOString();
    const read = Math.round((rows * Math.min(step, steps)) / steps);
    run.counts = { ...run.counts, rows_read: read, rows_sent: run.kind === 'export' ? read : 0, bytes: read * 118 };
    for (const table of run.tables) Object.assign(table, { state: 'running', rows_read: Math.round((table.expected_rows * step) / steps), rows_sent: Math.round((table.expected_rows * step) / steps) });
    if (step > steps) {
      clearInterval(timer);
      run.state = 'succeeded';
      run.ended_at = new Date().toISOString();
      run.duration_ms = Date.parse(run.ended_at) - Date.parse(run.started_at);
      run.can = [];
      for (const table of run.tables) Object.assign(table, { state: 'succeeded', rows_read: table.expected_rows, rows_sent: table.expected_rows, files: 1, bytes: table.expected_rows * 118 });
      run.files = run.tables.map((t) => ({ path: `out/${t.name}/${t.name}_1.csv.gz`, rows: t.rows_sent, bytes: t.bytes }));
      run.counts.files = run.files.length;
      done?.();
    }
    const { files: _, ...event } = run;
    broadcast('run', event);
  }, Number(process.env.MOCK_TICK ?? 500));
}
