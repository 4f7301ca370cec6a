import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { keys } from '../../api/keys';
import type {
  Connection,
  ConnectionDraft,
  ConnectionKind,
  ConnectionPatch,
  Dependants,
  FieldValue,
  ListPage,
  SecretChange,
  Verification,
} from '../../api/types';
import { http, query } from '../../lib/http';

export const kPageSize = 50;

export interface ConnectionFilter {
  serves: ConnectionKind;
  q: string;
  sort: string;
  cursor?: string;
}

export function useConnections(filter: ConnectionFilter) {
  return useQuery({
    queryKey: [...keys.connections, 'list', filter],
    queryFn: ({ signal }) => http.get<ListPage<Connection>>(`/connections${query({ ...filter, limit: kPageSize })}`, { signal }),
    placeholderData: (before, previous) =>
      (previous?.queryKey[2] as ConnectionFilter | undefined)?.serves === filter.serves ? before : undefined,
  });
}

export const loadConnection = (id: string, signal?: AbortSignal) => http.get<Connection>(`/connections/${id}`, { signal });

/** For editing: always asked anew, and not replaced under the hands of the person who edits. */
export function useConnection(id: string) {
  return useQuery({
    queryKey: [...keys.connections, 'one', id],
    queryFn: ({ signal }) => loadConnection(id, signal),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

export function useDependants(id: string | undefined) {
  return useQuery({
    queryKey: [...keys.connections, 'dependants', id],
    queryFn: ({ signal }) => http.get<Dependants>(`/connections/${id}/dependants`, { signal }),
    enabled: id !== undefined,
    staleTime: 0,
  });
}

function useRefresh() {
  const cache = useQueryClient();
  return () => {
    for (const queryKey of [[...keys.connections, 'list'], keys.connectionTypes, keys.usableConnections, keys.exports, keys.home]) {
      void cache.invalidateQueries({ queryKey });
    }
  };
}

export type Save =
  | { create: ConnectionDraft; idempotency_key: string }
  | { update: ConnectionPatch; id: string; version: number };

export function useSaveConnection() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (save: Save) =>
      'create' in save
        ? http.post<Connection>('/connections', save.create, { idempotency_key: save.idempotency_key })
        : http.patch<Connection>(`/connections/${save.id}`, save.update, save.version),
    onSuccess: refresh,
  });
}

export function useRemoveConnection() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (connection: Connection) => http.delete(`/connections/${connection.id}`, connection.version),
    onSuccess: refresh,
  });
}

export function useVerifyConnection() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (id: string) => http.post<Verification>(`/connections/${id}/verify`),
    onSuccess: refresh,
  });
}

export interface VerifyDraft {
  type: string;
  id?: string;
  settings: Record<string, FieldValue>;
  secrets: Record<string, SecretChange>;
}

export function useVerifyDraft() {
  return useMutation({ mutationFn: (draft: VerifyDraft) => http.post<Verification>('/connections/verify', draft) });
}
