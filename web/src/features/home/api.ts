import { useQuery } from '@tanstack/react-query';
import { keys } from '../../api/keys';
import type { HomeSummary, ListPage, UsableConnection } from '../../api/types';
import { http } from '../../lib/http';

export function useHome() {
  return useQuery({ queryKey: keys.home, queryFn: ({ signal }) => http.get<HomeSummary>('/home', { signal }) });
}

/** Whether the person may use any connection: the step before an export. */
export function useHasUsableConnection(enabled: boolean) {
  return useQuery({
    queryKey: [...keys.usableConnections, 'export'],
    queryFn: ({ signal }) => http.get<ListPage<UsableConnection>>('/usable-connections?for=export', { signal }),
    select: (page) => page.items.length > 0,
    enabled,
  });
}

/** The server may answer with a number, with a list, or with an object that has a total. */
export function countOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (Array.isArray(value)) return value.length;
  if (value && typeof value === 'object') {
    const { total, count } = value as { total?: unknown; count?: unknown };
    return typeof total === 'number' ? total : typeof count === 'number' ? count : 0;
  }
  return 0;
}
