import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { keys } from '../../api/keys';
import type { ListPage, Rows, Rule, Segment, SegmentDraft, SegmentPreview, Table } from '../../api/types';
import { http, newIdempotencyKey } from '../../lib/http';

export function useSegments() {
  return useQuery({
    queryKey: [...keys.segments, 'list'],
    queryFn: ({ signal }) => http.get<ListPage<Segment>>('/segments?limit=200', { signal }),
    select: (page) => page.items,
  });
}

export function useSegment(id: string) {
  return useQuery({
    queryKey: [...keys.segments, 'one', id],
    queryFn: ({ signal }) => http.get<Segment>(`/segments/${id}`, { signal }),
  });
}

export function useSegmentRows(id: string) {
  return useQuery({
    queryKey: [...keys.segments, 'rows', id],
    queryFn: ({ signal }) => http.get<Rows>(`/segments/${id}/rows?limit=100`, { signal }),
  });
}

/** The table that rules are about, or null while there is none. */
export function useCustomerTable() {
  return useQuery({
    queryKey: [...keys.tables, 'list'],
    queryFn: ({ signal }) => http.get<ListPage<Table>>('/tables?limit=200', { signal }),
    select: (page) => page.items.find((t) => t.is_customer_table) ?? null,
  });
}

export function usePreview(rule: Rule | null) {
  return useQuery({
    queryKey: ['segment-preview', rule],
    queryFn: ({ signal }) => http.post<SegmentPreview>('/segments/preview', { rule }, { signal }),
    enabled: rule !== null,
    placeholderData: (before) => before,
    staleTime: 60_000,
    retry: false,
  });
}

function useRefresh() {
  const cache = useQueryClient();
  return () => {
    for (const queryKey of [keys.segments, keys.exportableTables, keys.exports, keys.home]) {
      void cache.invalidateQueries({ queryKey });
    }
  };
}

export type Save = { create: SegmentDraft } | { update: { display_name: string; rule: Rule }; segment: Segment };

export function useSaveSegment() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (save: Save) =>
      'create' in save
        ? http.post<Segment>('/segments', save.create, { idempotency_key: newIdempotencyKey() })
        : http.patch<Segment>(`/segments/${save.segment.id}`, save.update, save.segment.version),
    onSuccess: refresh,
  });
}

export function useRefreshSegment() {
  const refresh = useRefresh();
  return useMutation({ mutationFn: (id: string) => http.post<Segment>(`/segments/${id}/refresh`), onSuccess: refresh });
}

export function useRemoveSegment() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (segment: Segment) => http.delete(`/segments/${segment.id}`, segment.version),
    onSuccess: refresh,
  });
}
