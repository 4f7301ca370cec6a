import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { keys } from '../../api/keys';
import type { Session } from '../../api/types';
import { http, setCsrf } from '../../lib/http';
import { Problem } from '../../lib/problem';

async function loadSession(signal?: AbortSignal): Promise<Session | null> {
  try {
    const session = await http.get<Session>('/session', { anonymous: true, signal });
    setCsrf(session.csrf);
    return session;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

/** Who is signed in; null when nobody is. */
export function useCurrentSession() {
  return useQuery({ queryKey: keys.session, queryFn: ({ signal }) => loadSession(signal), staleTime: 60_000 });
}

export function useSignIn() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: { email: string; password: string }) => http.post<Session>('/session', body, { anonymous: true }),
    onSuccess: (session) => {
      setCsrf(session.csrf);
      cache.setQueryData(keys.session, session);
    },
  });
}

export function useSignOut() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => http.delete('/session', undefined, { anonymous: true }),
    onSuccess: () => {
      setCsrf(null);
      cache.clear();
      cache.setQueryData(keys.session, null);
    },
  });
}
