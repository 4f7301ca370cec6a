import { Button, makeStyles, mergeClasses, MessageBar, MessageBarBody, tokens } from '@fluentui/react-components';
import { useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import { isEnded } from '../../api/runs';
import type { Run, RunRef } from '../../api/types';
import { ArrowLeftRegular } from '../../components/icons';
import { useLinkStyles } from '../../components/link-styles';
import { PaneContent } from '../../components/pane';
import { RelativeTime, UpcomingTime } from '../../components/relative-time';
import { RunStatus } from '../../components/status-cell';
import { formatDuration, formatNumber } from '../../lib/format';
import { useNow } from '../../lib/hooks';
import { texts } from './texts';

const useStyles = makeStyles({
  facts: { display: 'grid', gridTemplateColumns: 'auto minmax(0, 1fr)', gap: '8px 16px', margin: 0 },
  label: { color: tokens.colorNeutralForeground2 },
  value: { margin: 0 },
  heading: { margin: '20px 0 8px', fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  bar: { height: 'auto', marginBottom: '8px' },
  soft: { margin: 0, color: tokens.colorNeutralForeground2 },
  list: { listStyleType: 'none', margin: '4px 0 0', padding: 0 },
  part: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) auto',
    gap: '2px 12px',
    padding: '8px 0',
    borderTop: `1px solid ${tokens.colorNeutralStroke3}`,
    overflowWrap: 'anywhere',
  },
  row: { display: 'flex', alignItems: 'center', gap: '8px', flexWrap: 'wrap' },
});

function Others({ title, runs }: { title: string; runs: RunRef[] }) {
  const styles = useStyles();
  const link = useLinkStyles();
  if (runs.length === 0) return null;
  return (
    <MessageBar intent="info" layout="multiline" className={styles.bar}>
      <MessageBarBody>
        {title}{' '}
        {runs.map((run, index) => (
          <span key={run.id}>
            {index > 0 && ', '}
            <Link to={`/data/runs/${run.id}`} className={mergeClasses(link.root, link.inText)}>
              {run.display_name}
            </Link>
          </span>
        ))}
      </MessageBarBody>
    </MessageBar>
  );
}

function Tables({ run }: { run: Run }) {
  const styles = useStyles();
  const [open, setOpen] = useState(run.tables.some((table) => table.error));
  if (run.tables.length === 0) return null;
  return (
    <>
      <div className={styles.row}>
        <span>{texts.parts(run.tables.filter((t) => t.state === 'succeeded').length, run.tables.length)}</span>
        <Button size="small" appearance="subtle" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? texts.hide_details : texts.show_details}
        </Button>
      </div>
      {open && (
        <ul className={styles.list}>
          {run.tables.map((table) => (
            <li key={table.name} className={styles.part}>
              <span>{table.name}</span>
              <RunStatus state={table.state} />
              <span className={styles.soft}>{table.error ?? formatNumber(table.rows_sent)}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** How one task did: when and how long it ran, and what it has to complain of. */
export function TaskContent({ run, onBack, onClose }: { run: Run; onBack?: () => void; onClose: () => void }) {
  const styles = useStyles();
  const link = useLinkStyles();
  const now = useNow();
  const running = run.started_at && !isEnded(run.state) ? Math.max(0, now - Date.parse(run.started_at)) : null;
  const duration = run.duration_ms ?? running;
  const complaints = [...(run.error ? [run.error] : []), ...(run.warnings ?? [])];
  const facts: [string, ReactNode][] = [
    [texts.ran, <RelativeTime at={run.started_at} none={texts.not_yet} />],
    [texts.run_time, duration === null ? texts.not_yet : formatDuration(duration)],
    [texts.rows, formatNumber(run.kind === 'export' ? run.counts.rows_sent : run.counts.rows_read)],
  ];
  if ((run.attempt ?? 1) > 1) facts.push([texts.attempt, texts.attempts(run.attempt ?? 1, run.max_attempts ?? 1)]);
  if (run.retry_at) facts.push([texts.next_attempt, <UpcomingTime at={run.retry_at} none={texts.not_yet} />]);

  return (
    <PaneContent
      title={run.subject.display_name}
      icon={onBack && <Button appearance="subtle" icon={<ArrowLeftRegular />} aria-label={texts.back_to_job} title={texts.back_to_job} onClick={onBack} />}
      line={`${texts.task} · ${texts.kind[run.kind] ?? run.kind}`}
      onClose={onClose}
      footer={<Button onClick={onClose}>{texts.close}</Button>}
    >
      <p role="status">
        <RunStatus state={run.state} canceling={run.is_canceling} />
      </p>
      <Others title={texts.waits_for} runs={run.waits_for ?? []} />
      <Others title={texts.skipped_because} runs={run.skipped_because ? [run.skipped_because] : []} />
      <dl className={styles.facts}>
        {facts.map(([title, value]) => (
          <div key={title} style={{ display: 'contents' }}>
            <dt className={styles.label}>{title}</dt>
            <dd className={styles.value}>{value}</dd>
          </div>
        ))}
      </dl>
      <h3 className={styles.heading}>{texts.errors}</h3>
      {complaints.length === 0 && <p className={styles.soft}>{texts.no_errors}</p>}
      {complaints.map((one, index) => (
        <MessageBar key={`${one.reason} ${one.detail}`} intent={index === 0 && run.error ? 'error' : 'warning'} layout="multiline" className={styles.bar}>
          <MessageBarBody>{one.detail}</MessageBarBody>
        </MessageBar>
      ))}
      <Tables run={run} />
      <p>
        <Link to={`/data/runs/${run.id}`} className={link.root}>
          {texts.open_run}
        </Link>
      </p>
    </PaneContent>
  );
}
