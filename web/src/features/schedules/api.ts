import { useMutation, useQueries, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { keys } from '../../api/keys';
import type {
  BatchResult,
  Export,
  ExportScheduleDraft,
  ListPage,
  SchedulePreview,
  ScheduleRule,
  SystemSchedule,
} from '../../api/types';
import { http } from '../../lib/http';

/** The zones the server can compute with; they change with its operating system only. */
export function useTimeZones() {
  return useQuery({
    queryKey: ['time-zones'],
    queryFn: ({ signal }) => http.get<ListPage<string>>('/time-zones', { signal }),
    select: (page) => page.items,
    staleTime: 60 * 60_000,
  });
}

/** What a rule means. A rule that is not complete yet is not asked about. */
export function usePreview(rule: ScheduleRule | null) {
  return useQuery({
    queryKey: ['schedule-preview', rule],
    queryFn: ({ signal }) => http.post<SchedulePreview>('/schedules/preview', { rule }, { signal }),
    enabled: rule !== null,
    // The answer before stays until the next is there: the pane does not jump while somebody types.
    placeholderData: (before) => before,
    retry: false,
    staleTime: 60_000,
  });
}

export function useSystemSchedule() {
  return useQuery({ queryKey: keys.schedule, queryFn: ({ signal }) => http.get<SystemSchedule>('/schedule', { signal }) });
}

export function useSaveSystemSchedule() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ version, ...body }: { is_on: boolean; rule: ScheduleRule; version: number }) =>
      http.put<SystemSchedule>('/schedule', body, version),
    onSuccess: (saved) => {
      cache.setQueryData(keys.schedule, saved);
      for (const queryKey of [keys.status, keys.exports]) void cache.invalidateQueries({ queryKey });
    },
  });
}

function listed(cache: QueryClient, id: string): Export | undefined {
  for (const [, page] of cache.getQueriesData<ListPage<Export>>({ queryKey: [...keys.exports, 'list'] })) {
    const found = page?.items.find((item) => item.id === id);
    if (found) return found;
  }
  return undefined;
}

/** One is asked for anew, because it is saved with its version; of several, what the list knows is enough to show. */
export function useChosenExports(ids: string[]) {
  const cache = useQueryClient();
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: ['export', id],
      queryFn: ({ signal }: { signal: AbortSignal }) => http.get<Export>(`/exports/${id}`, { signal }),
      gcTime: 0,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      ...(ids.length > 1 ? { initialData: () => listed(cache, id), staleTime: Infinity } : { staleTime: 0 }),
    })),
  });
}

export type ScheduleChange =
  | { one: Export; schedule: ExportScheduleDraft }
  | { ids: string[]; schedule: ExportScheduleDraft }
  | { ids: string[]; is_on: boolean };

/** Answers what became of each; of one export, what a refusal leaves to the caller. */
export function useSchedule() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (change: ScheduleChange): Promise<BatchResult | null> => {
      if ('one' in change) {
        await http.patch<Export>(`/exports/${change.one.id}`, { schedule: change.schedule }, change.one.version);
        return null;
      }
      return http.post<BatchResult>('/exports/batch', { action: 'schedule', ...change });
    },
    onSuccess: () => {
      for (const queryKey of [keys.exports, keys.status, keys.schedule]) void cache.invalidateQueries({ queryKey });
    },
  });
}
