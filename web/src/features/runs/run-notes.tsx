import { makeStyles, mergeClasses, MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { isEnded } from '../../api/runs';
import { usePermission } from '../../api/session';
import type { Run, RunRef } from '../../api/types';
import { useLinkStyles } from '../../components/link-styles';
import { UpcomingTime } from '../../components/relative-time';
import { formatDateTime } from '../../lib/format';
import { useSendsRows } from './sends-rows';
import { texts } from './texts';

const useStyles = makeStyles({
  bar: { height: 'auto', marginTop: '12px' },
  line: { margin: '4px 0 0' },
  list: { margin: '4px 0 0', paddingLeft: '18px' },
});

function Note({ intent, title, children }: { intent: 'info' | 'warning' | 'error'; title: string; children: ReactNode }) {
  const styles = useStyles();
  return (
    <MessageBar intent={intent} layout="multiline" className={styles.bar}>
      <MessageBarBody>
        <MessageBarTitle>{title} </MessageBarTitle>
        {children}
      </MessageBarBody>
    </MessageBar>
  );
}

function RunLink({ run }: { run: RunRef }) {
  const link = useLinkStyles();
  return (
    <Link to={`/data/runs/${run.id}`} className={mergeClasses(link.root, link.inText)}>
      {texts.kind[run.kind] ?? run.kind}: {run.display_name}
    </Link>
  );
}

/** What the server says of an export itself names the way out already. */
function adviceFor(run: Run, reason: string): string | undefined {
  if (reason === 'export.rows_rejected') return run.can.includes('rejected') ? texts.advice_rejected : undefined;
  return reason.startsWith('export.') ? undefined : texts.advice[run.kind];
}

function Trouble({ run }: { run: Run }) {
  const styles = useStyles();
  const link = useLinkStyles();
  const isAdmin = usePermission('connections_manage');
  if (!run.error) return null;
  const advice = adviceFor(run, run.error.reason);
  return (
    <Note intent={run.state === 'failed' ? 'error' : 'warning'} title={`${texts.failed}:`}>
      {run.error.detail}
      {advice && (
        <p className={styles.line}>
          {advice}{' '}
          {isAdmin && run.connection && advice !== texts.advice_rejected && (
            <Link to={`/admin/connections/exports/${run.connection.id}`} className={mergeClasses(link.root, link.inText)}>
              {texts.check_connection}
            </Link>
          )}
        </p>
      )}
    </Note>
  );
}

/** What a person needs to know of a run besides its numbers: why it waits, what went wrong, what was left out. */
export function RunNotes({ run }: { run: Run }) {
  const styles = useStyles();
  const ofRows = useSendsRows(run);
  // The first of them may be what stands above already.
  const refused = run.tables.filter((table) => table.error && table.error !== run.error?.detail);
  const warnings = run.warnings ?? [];
  const waits = run.waits_for ?? [];
  return (
    <>
      {run.state === 'retrying' && (
        <Note intent="warning" title={texts.retrying(run.attempt ?? 1, run.max_attempts ?? 1)}>
          {run.error?.detail}
          {run.retry_at && (
            <p className={styles.line}>
              {texts.retrying_next} <UpcomingTime at={run.retry_at} none="" />.
            </p>
          )}
        </Note>
      )}
      {run.waiting_until && !isEnded(run.state) && (
        <Note intent="info" title={texts.rate_limit}>
          {texts.rate_limit_line} <UpcomingTime at={run.waiting_until} none="" />
          {texts.rate_limit_at(formatDateTime(run.waiting_until))}.
        </Note>
      )}
      {waits.length > 0 && (
        <Note intent="info" title={texts.waits}>
          {texts.waits_line}
          <ul className={styles.list}>
            {waits.map((other) => (
              <li key={other.id}>
                <RunLink run={other} />
              </li>
            ))}
          </ul>
        </Note>
      )}
      {run.skipped_because && (
        <Note intent="warning" title={texts.skipped}>
          <RunLink run={run.skipped_because} />
        </Note>
      )}
      {run.state !== 'retrying' && <Trouble run={run} />}
      {refused.length > 0 && (
        <Note intent="error" title={ofRows ? texts.segment_errors : texts.table_errors}>
          <ul className={styles.list}>
            {refused.map((table) => (
              <li key={table.name}>
                {table.name}: {table.error}
              </li>
            ))}
          </ul>
        </Note>
      )}
      {warnings.length > 0 && (
        <Note intent="warning" title={texts.warnings}>
          <ul className={styles.list}>
            {warnings.map((warning) => (
              <li key={`${warning.reason} ${warning.detail}`}>{warning.detail}</li>
            ))}
          </ul>
        </Note>
      )}
    </>
  );
}
