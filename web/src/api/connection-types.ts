import { useQuery } from '@tanstack/react-query';
import { http } from '../lib/http';
import { keys } from './keys';
import type { ConnectionType, ListPage } from './types';

/** Everything this server can connect to. It changes only when the server starts, so it is asked for once. */
export function useConnectionTypes() {
  return useQuery({
    queryKey: keys.connectionTypes,
    queryFn: ({ signal }) => http.get<ListPage<ConnectionType>>('/connection-types', { signal }),
    select: (page) => page.items,
    staleTime: 5 * 60_000,
  });
}

export function useConnectionType(id: string | undefined): ConnectionType | undefined {
  return useConnectionTypes().data?.find((type) => type.id === id);
}

/** "Secure File Transfer (preview)" as tiles, menus and panes show it. */
export function typeTitle(type: Pick<ConnectionType, 'title' | 'status'>): string {
  return type.status === 'preview' ? `${type.title} (preview)` : type.title;
}
