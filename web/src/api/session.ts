import { createContext, useContext } from 'react';
import type { Permission, Session } from './types';

const SessionContext = createContext<Session | null>(null);

export const SessionProvider = SessionContext.Provider;

/** The signed-in person. Only below the signed-in part of the route tree. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession needs a signed-in page');
  return session;
}

export function usePermission(permission: Permission): boolean {
  return useSession().permissions.includes(permission);
}
