import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { keys } from '../api/keys';
import type { Job, SystemStatus } from '../api/types';
import { aRun } from '../test/things';
import { useLiveUpdates } from './live';

class FakeSource {
  static last: FakeSource;
  listeners = new Map<string, (event: { data: string }) => void>();
  constructor() {
    FakeSource.last = this;
  }
  addEventListener(name: string, listener: (event: { data: string }) => void) {
    this.listeners.set(name, listener);
  }
  close() {}
}

const cache = new QueryClient();
const tell = (name: string, data: unknown) => act(() => FakeSource.last.listeners.get(name)?.({ data: JSON.stringify(data) }));

beforeEach(() => {
  vi.stubGlobal('EventSource', FakeSource);
  renderHook(useLiveUpdates, { wrapper: ({ children }: { children: ReactNode }) => <QueryClientProvider client={cache}>{children}</QueryClientProvider> });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  cache.clear();
});

const task = aRun('r1', { job_id: 'j1', state: 'running' });
const job: Job = {
  id: 'j1', kind: 'refresh', trigger: 'manual', state: 'running', requested_by: null, queued_at: '', started_at: '', ended_at: null, duration_ms: null, can: ['cancel'],
  stages: [{ name: 'exports', title: 'Exports', state: 'running', total: 1, done: 0, failed: 0, skipped: 0, duration_ms: null, tasks: [task] }],
};

it('SYS-14: a job that is looked at moves by events, and keeps its tasks', () => {
  cache.setQueryData(keys.job('j1'), job);
  cache.setQueryData<SystemStatus>(keys.status, { groups: [], running_job: job, last_job: null, can: [] });
  const { tasks: _, ...stage } = job.stages[0]!;
  tell('job', { ...job, can: [], stages: [{ ...stage, done: 1 }] });
  const now = cache.getQueryData<Job>(keys.job('j1'));
  expect(now?.stages[0]).toMatchObject({ done: 1, tasks: [{ id: 'r1' }] });
  expect(now?.can).toEqual(['cancel']);
  expect(cache.getQueryData<SystemStatus>(keys.status)?.running_job?.stages[0]?.done).toBe(1);
});

it('SYS-14: a task moves in its job by the events of its run', () => {
  cache.setQueryData(keys.job('j1'), job);
  tell('run', { ...task, state: 'succeeded' });
  expect(cache.getQueryData<Job>(keys.job('j1'))?.stages[0]?.tasks?.[0]?.state).toBe('succeeded');
});

it('SYS-14: a change of state asks for the status again, a mere count does not', () => {
  const asks = vi.spyOn(cache, 'invalidateQueries');
  tell('job', job);
  const first = asks.mock.calls.length;
  expect(asks.mock.calls.map(([filter]) => filter?.queryKey)).toContainEqual(keys.status);
  tell('job', job);
  expect(asks.mock.calls).toHaveLength(first);
});

it('SYS-28: a notice that arrives makes the bell ask', () => {
  const asks = vi.spyOn(cache, 'invalidateQueries');
  tell('notice', { id: 'n1' });
  expect(asks).toHaveBeenCalledWith({ queryKey: keys.notices });
});
