import { formatDateTime, formatRelative } from '../lib/format';
import { useNow } from '../lib/hooks';
import { texts } from '../lib/texts';

/** "22 minutes ago", the exact time on hover. Clocks differ: what has happened is never shown as still to come. */
export function RelativeTime({ at, none = texts.never }: { at: string | null | undefined; none?: string }) {
  const now = useNow();
  if (!at) return <>{none}</>;
  return (
    <time dateTime={at} title={formatDateTime(at)}>
      {formatRelative(at, Math.max(now, Date.parse(at)))}
    </time>
  );
}

/** "in 3 minutes", for what is still to come; once it is due it says so until the server tells more. */
export function UpcomingTime({ at, none }: { at: string | null | undefined; none: string }) {
  const now = useNow();
  if (!at) return <>{none}</>;
  return (
    <time dateTime={at} title={formatDateTime(at)}>
      {formatRelative(at, Math.min(now, Date.parse(at)))}
    </time>
  );
}
