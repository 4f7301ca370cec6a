import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { keys } from '../../api/keys';
import type { BatchResult, DryRun, Export, ExportableTable, ExportDraft, ListPage, Run, UsableConnection } from '../../api/types';
import { http, query } from '../../lib/http';

export const kPageSize = 50;

export interface ExportFilter {
  q: string;
  sort: string;
  connection_id?: string;
  cursor?: string;
}

export function useExports(filter: ExportFilter) {
  return useQuery({
    queryKey: [...keys.exports, 'list', filter],
    queryFn: ({ signal }) => http.get<ListPage<Export>>(`/exports${query({ ...filter, limit: kPageSize })}`, { signal }),
    placeholderData: (before) => before,
  });
}

/** For the pane: always asked anew, and not replaced under the hands of the person who edits. */
export function useExport(id: string) {
  return useQuery({
    queryKey: ['export', id],
    queryFn: ({ signal }) => http.get<Export>(`/exports/${id}`, { signal }),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

export function useUsableConnections(options: { enabled: boolean }) {
  return useQuery({
    queryKey: [...keys.usableConnections, 'export'],
    queryFn: ({ signal }) => http.get<ListPage<UsableConnection>>('/usable-connections?for=export', { signal }),
    select: (page) => page.items,
    staleTime: 0,
    ...options,
  });
}

export function useExportableTables() {
  return useQuery({
    queryKey: keys.exportableTables,
    queryFn: ({ signal }) => http.get<ListPage<ExportableTable>>('/exportable-tables', { signal }),
    select: (page) => page.items,
  });
}

function useRefresh() {
  const cache = useQueryClient();
  return () => {
    for (const queryKey of [keys.exports, keys.connections, keys.runs, keys.home, keys.segments, keys.status]) {
      void cache.invalidateQueries({ queryKey });
    }
  };
}

export type Save =
  | { create: ExportDraft; idempotency_key: string }
  | { update: Partial<ExportDraft>; id: string; version: number };

export function useSaveExport() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (save: Save) =>
      'create' in save
        ? http.post<Export>('/exports', save.create, { idempotency_key: save.idempotency_key })
        : http.patch<Export>(`/exports/${save.id}`, save.update, save.version),
    onSuccess: refresh,
  });
}

/** Asked anew each time: it tells of this moment. */
export function useDryRun(id: string) {
  return useQuery({ queryKey: ['dry-run', id], queryFn: () => http.post<DryRun>(`/exports/${id}/dry-run`), staleTime: 0, gcTime: 0, retry: false });
}

export function useRunExport() {
  const refresh = useRefresh();
  return useMutation({ mutationFn: (id: string) => http.post<Run>(`/exports/${id}/run`), onSuccess: refresh });
}

export function useDisconnectExport() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (item: Export) => http.post<Export>(`/exports/${item.id}/disconnect`, undefined, { version: item.version }),
    onSettled: refresh,
  });
}

export function useRemoveExport() {
  const refresh = useRefresh();
  return useMutation({ mutationFn: (item: Export) => http.delete(`/exports/${item.id}`, item.version), onSettled: refresh });
}

export type Batch = 'run' | 'disconnect' | 'remove';

/** One call for several; what became of each is in the answer. */
export function useExportBatch() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ action, ids }: { action: Batch; ids: string[] }) => http.post<BatchResult>('/exports/batch', { action, ids }),
    onSettled: refresh,
  });
}

/** Every active export that is not switched off. */
export function useRunAll() {
  const refresh = useRefresh();
  return useMutation({ mutationFn: () => http.post<BatchResult>('/exports/run-all'), onSettled: refresh });
}
