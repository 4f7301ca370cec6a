import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { keys } from '../../api/keys';
import type { Detected, DetectOptions, ListPage, Model, Rows, Run, Table, TableDraft } from '../../api/types';
import { http, newIdempotencyKey } from '../../lib/http';

export function useTables() {
  return useQuery({
    queryKey: [...keys.tables, 'list'],
    queryFn: ({ signal }) => http.get<ListPage<Table>>('/tables?limit=200', { signal }),
    select: (page) => page.items,
    refetchInterval: (q) => (q.state.data?.items.some((t) => t.state === 'importing') ? 4_000 : false),
  });
}

export function useTable(name: string) {
  return useQuery({
    queryKey: [...keys.tables, 'one', name],
    queryFn: ({ signal }) => http.get<Table>(`/tables/${encodeURIComponent(name)}`, { signal }),
  });
}

export function useTableRows(name: string, enabled: boolean) {
  return useQuery({
    queryKey: [...keys.tables, 'rows', name],
    queryFn: ({ signal }) => http.get<Rows>(`/tables/${encodeURIComponent(name)}/rows?limit=100`, { signal }),
    enabled,
  });
}

function useRefresh() {
  const cache = useQueryClient();
  return () => {
    for (const queryKey of [keys.tables, keys.exportableTables, keys.segments, keys.runs, keys.home]) {
      void cache.invalidateQueries({ queryKey });
    }
  };
}

export function useRemoveTable() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (table: Table) => http.delete(`/tables/${encodeURIComponent(table.name)}`, table.version),
    onSuccess: refresh,
  });
}

export function useSetSource() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ table, path }: { table: Table; path: string | null }) =>
      http.put<Table>(`/tables/${encodeURIComponent(table.name)}/source`, { path }, table.version),
    onSuccess: refresh,
  });
}

export function useRefreshTable() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (name: string) => http.post<Run>(`/tables/${encodeURIComponent(name)}/refresh`),
    onSuccess: refresh,
  });
}

export function useDetect(uploadId: string) {
  return useMutation({ mutationFn: (options: DetectOptions) => http.post<Detected>(`/uploads/${uploadId}/detect`, options) });
}

export function useModel(file: File) {
  return useQuery({
    queryKey: ['model-json', file.name, file.size, file.lastModified],
    queryFn: async ({ signal }) => http.post<Model>('/uploads/model-json', JSON.parse(await file.text()) as unknown, { signal }),
    retry: false,
    gcTime: 0,
  });
}

export function useImportTable() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (draft: TableDraft) =>
      http.post<{ table: Table; run: Run }>('/tables', draft, { idempotency_key: newIdempotencyKey() }),
    onSuccess: refresh,
  });
}
