import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { http, query } from '../lib/http';
import { keys } from './keys';
import type { ListPage, Run, RunState } from './types';

const kEnded: RunState[] = [
  'succeeded',
  'completed_with_warnings',
  'completed_with_errors',
  'failed',
  'skipped',
  'canceled',
];

export const isEnded = (state: RunState | null | undefined): boolean => kEnded.some((ended) => ended === state);

export interface RunFilter {
  export_id?: string;
  subject_id?: string;
  trigger?: string;
  from?: string;
  to?: string;
  kind?: string;
  state?: string;
  sort?: string;
  q?: string;
  cursor?: string;
  limit?: number;
}

export function useRuns(filter: RunFilter, options: { enabled?: boolean } = {}) {
  return useQuery({
    queryKey: [...keys.runs, 'list', filter],
    queryFn: ({ signal }) => http.get<ListPage<Run>>(`/runs${query({ ...filter })}`, { signal }),
    placeholderData: (before) => before,
    ...options,
  });
}

/** One run, kept fresh by live events; polled as well while it is going, in case those cannot come through. */
export function useRun(id: string | undefined) {
  return useQuery({
    queryKey: keys.run(id ?? ''),
    queryFn: ({ signal }) => http.get<Run>(`/runs/${id}`, { signal }),
    enabled: id !== undefined,
    refetchInterval: (q) => (q.state.data && !isEnded(q.state.data.state) ? 4_000 : false),
  });
}

export function useCancelRun() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => http.post<Run>(`/runs/${id}/cancel`),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.runs }),
  });
}

/** A run that stopped to ask goes on. */
export function useApproveRun() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (run: Run) => http.post<Run>(`/exports/${run.subject.id}/approve`, { run_id: run.id }),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.runs }),
  });
}

/** 0..1 of what is expected, or null while that is not known. */
export function progressOf(run: Run): number | null {
  if (isEnded(run.state)) return 1;
  if (!run.expected_rows) return null;
  return Math.min(1, Math.max(run.counts.rows_sent, run.counts.rows_read) / run.expected_rows);
}
