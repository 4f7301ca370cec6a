import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { keys } from '../../api/keys';
import type { NoticePage, NoticeSettings, NoticeSettingsDraft } from '../../api/types';
import { http, query } from '../../lib/http';

const kPageSize = 20;

export function useNotices() {
  return useInfiniteQuery({
    queryKey: keys.notices,
    queryFn: ({ signal, pageParam }) => http.get<NoticePage>(`/notices${query({ limit: kPageSize, cursor: pageParam })}`, { signal }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** Marks one, or all when no id is given; for oneself only. */
export function useMarkRead() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string | null) => http.post<void>(id ? `/notices/${id}/read` : '/notices/read-all'),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.notices }),
  });
}

export function useNoticeSettings() {
  return useQuery({
    queryKey: keys.noticeSettings,
    queryFn: ({ signal }) => http.get<NoticeSettings>('/notice-settings', { signal }),
    // Not replaced under the hands of the person who edits.
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

export function useSaveNoticeSettings() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ draft, version }: { draft: NoticeSettingsDraft; version: number }) => http.put<NoticeSettings>('/notice-settings', draft, version),
    onSuccess: (saved) => cache.setQueryData(keys.noticeSettings, saved),
  });
}

export function useTestNotice() {
  return useMutation({ mutationFn: (to: string) => http.post<{ ok: boolean; detail: string }>('/notice-settings/test', { to }) });
}
