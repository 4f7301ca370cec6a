import { useQuery } from '@tanstack/react-query';
import { keys } from '../../api/keys';
import type { AuditEntry, ListPage } from '../../api/types';
import { API, http, query } from '../../lib/http';

export const kPageSize = 50;

export interface AuditFilter {
  q?: string;
  actor_id?: string;
  event?: string;
  object_kind?: string;
  object_id?: string;
  /** RFC 3339; `from` is part of the period, `to` is not. */
  from?: string;
  to?: string;
  sort?: string;
}

export function useAudit(filter: AuditFilter, cursor: string | undefined) {
  return useQuery({
    queryKey: [...keys.audit, 'list', filter, cursor],
    queryFn: ({ signal }) => http.get<ListPage<AuditEntry>>(`/audit${query({ ...filter, cursor, limit: kPageSize })}`, { signal }),
    placeholderData: (before) => before,
    staleTime: 0,
  });
}

export function useAuditEvents() {
  return useQuery({
    queryKey: [...keys.audit, 'events'],
    queryFn: ({ signal }) => http.get<ListPage<string>>('/audit/events', { signal }),
    select: (page) => page.items,
  });
}

/** The same list as a file; the browser loads it itself, however long it is. */
export const downloadPath = (filter: AuditFilter): string => `${API}/audit${query({ ...filter, format: 'csv' })}`;
