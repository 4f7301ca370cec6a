import { Navigate, Outlet, useLocation } from 'react-router';
import { SessionProvider } from '../api/session';
import { ErrorState } from '../components/error-state';
import { NotifyProvider } from '../components/notify';
import { useCurrentSession } from '../features/session/api';
import { SignInAgain } from '../features/session/sign-in-again';
import { Splash } from './splash';

/** Everything behind the sign-in. */
export function SessionGate() {
  const location = useLocation();
  const session = useCurrentSession();
  if (session.isPending) return <Splash />;
  if (session.data === undefined) return <ErrorState error={session.error} onRetry={() => void session.refetch()} />;
  if (session.data === null) {
    const to = location.pathname + location.search;
    return <Navigate replace to={to === '/' ? '/sign-in' : `/sign-in?to=${encodeURIComponent(to)}`} />;
  }
  return (
    <SessionProvider value={session.data}>
      <NotifyProvider>
        <Outlet />
        <SignInAgain session={session.data} />
      </NotifyProvider>
    </SessionProvider>
  );
}
