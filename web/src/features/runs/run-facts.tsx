import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Run, RunCounts as Counts } from '../../api/types';
import { useLinkStyles } from '../../components/link-styles';
import { RelativeTime } from '../../components/relative-time';
import { TypeIcon } from '../../components/type-icon';
import { formatBytes, formatDuration, formatNumber } from '../../lib/format';
import { starter } from './columns';
import { useSendsRows } from './sends-rows';
import { texts } from './texts';

const useStyles = makeStyles({
  counts: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(130px, 1fr))',
    gap: '1px',
    margin: '12px 0 0',
    overflow: 'hidden',
    backgroundColor: tokens.colorNeutralStroke2,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  count: { padding: '14px 20px', backgroundColor: tokens.colorNeutralBackground1, display: 'flex', flexDirection: 'column-reverse' },
  number: { margin: 0, fontSize: tokens.fontSizeBase500, fontWeight: tokens.fontWeightSemibold, fontVariantNumeric: 'tabular-nums' },
  label: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  heading: { margin: '28px 0 10px', fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  facts: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(200px, 1fr))',
    gap: '16px',
    margin: 0,
    padding: '16px 20px',
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  value: { margin: 0, display: 'flex', alignItems: 'center', gap: '6px', overflowWrap: 'anywhere' },
});

const kAlways: (keyof Counts)[] = ['rows_read', 'rows_sent', 'bytes', 'files'];
const kRowExport: (keyof Counts)[] = ['rows_read', 'rows_sent', 'rows_unchanged', 'rows_omitted', 'rows_rejected'];
const kImport: (keyof Counts)[] = ['rows_read', 'rows_rejected', 'bytes'];

export function RunCounts({ run }: { run: Run }) {
  const styles = useStyles();
  const ofRows = useSendsRows(run);
  const always = run.kind !== 'export' ? kImport : ofRows ? kRowExport : kAlways;
  const shown = (Object.keys(texts.count) as (keyof Counts)[]).filter((name) => always.includes(name) || run.counts[name] > 0);
  return (
    <dl className={styles.counts} aria-label={texts.counts}>
      {shown.map((name) => (
        <div key={name} className={styles.count}>
          <dd className={styles.number}>{name === 'bytes' ? formatBytes(run.counts.bytes ?? 0) : formatNumber(run.counts[name] ?? 0)}</dd>
          <dt className={styles.label}>{texts.count[name]}</dt>
        </div>
      ))}
    </dl>
  );
}

function Fact({ title, children }: { title: string; children: ReactNode }) {
  const styles = useStyles();
  return (
    <div>
      <dt className={styles.label}>{title}</dt>
      <dd className={styles.value}>{children}</dd>
    </div>
  );
}

export function RunAbout({ run }: { run: Run }) {
  const styles = useStyles();
  const link = useLinkStyles();
  return (
    <section>
      <h2 className={styles.heading}>{texts.about}</h2>
      <dl className={styles.facts}>
        <Fact title={texts.started_by}>{starter(run)}</Fact>
        {run.defined_by && run.kind === 'export' && <Fact title={texts.defined_by}>{run.defined_by.display_name}</Fact>}
        {run.connection && (
          <Fact title={texts.connection}>
            <TypeIcon type={run.connection.type} />
            {run.connection.display_name}
          </Fact>
        )}
        {run.job_id && (
          <Fact title={texts.job}>
            <Link to={`/admin/system/status/jobs/${run.job_id}?run=${run.id}`} className={link.root}>
              {texts.job_link}
            </Link>
          </Fact>
        )}
        {(run.attempt ?? 1) > 1 && <Fact title={texts.attempt}>{texts.attempts(run.attempt ?? 1, run.max_attempts ?? 1)}</Fact>}
        <Fact title={texts.queued}>
          <RelativeTime at={run.queued_at} />
        </Fact>
        <Fact title={texts.started}>
          <RelativeTime at={run.started_at} none={texts.not_yet} />
        </Fact>
        <Fact title={texts.ended}>
          <RelativeTime at={run.ended_at} none={texts.not_yet} />
        </Fact>
        {run.duration_ms !== null && <Fact title={texts.duration}>{formatDuration(run.duration_ms)}</Fact>}
      </dl>
    </section>
  );
}
