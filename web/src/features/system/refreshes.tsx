import { Button, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { Link } from 'react-router';
import { isEnded } from '../../api/runs';
import type { Job } from '../../api/types';
import { DataList, type Column } from '../../components/data-list';
import { TableRegular, BoardRegular } from '../../components/icons';
import { useLinkStyles } from '../../components/link-styles';
import { RelativeTime } from '../../components/relative-time';
import { kRunTone, RunStatus, StatusIcon, type Tone } from '../../components/status-cell';
import { formatDateTime, formatDuration, formatNumber } from '../../lib/format';
import { useNow } from '../../lib/hooks';
import { texts as common } from '../../lib/texts';
import { texts } from './texts';

const useStyles = makeStyles({
  root: {
    marginTop: '12px',
    padding: '16px 20px',
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    '@media (max-width: 640px)': { padding: '12px' },
  },
  head: { display: 'flex', alignItems: 'flex-start', justifyContent: 'space-between', gap: '12px' },
  title: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  line: { margin: '2px 0 8px', color: tokens.colorNeutralForeground2 },
  switch: { whiteSpace: 'nowrap', flexShrink: 0 },
  axis: { display: 'flex', justifyContent: 'space-between', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  chart: {
    display: 'flex',
    alignItems: 'flex-end',
    gap: '4px',
    margin: '4px 0',
    padding: 0,
    listStyleType: 'none',
    borderTop: `1px dashed ${tokens.colorNeutralStroke2}`,
  },
  column: {
    flexGrow: 1,
    flexBasis: 0,
    minWidth: '8px',
    maxWidth: '56px',
    // On a small screen the newest, each wide enough for a finger and its icon.
    '@media (max-width: 640px)': { ':nth-last-child(n + 15)': { display: 'none' } },
  },
  // The whole height takes the click, however short the bar.
  bar: {
    display: 'flex',
    flexDirection: 'column',
    justifyContent: 'flex-end',
    alignItems: 'center',
    gap: '4px',
    height: '124px',
    paddingBottom: '4px',
    borderRadius: tokens.borderRadiusSmall,
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  fill: { width: '100%', minHeight: '3px', borderRadius: '3px 3px 0 0' },
  success: { backgroundColor: tokens.colorPaletteGreenBackground3 },
  warning: { backgroundColor: tokens.colorPaletteMarigoldBackground3 },
  danger: { backgroundColor: tokens.colorPaletteRedBackground3 },
  working: { backgroundColor: tokens.colorCompoundBrandBackground },
  waiting: { backgroundColor: tokens.colorNeutralStroke1 },
  stopped: { backgroundColor: tokens.colorNeutralStroke1 },
  none: { backgroundColor: tokens.colorNeutralStroke1 },
  legend: { display: 'flex', flexWrap: 'wrap', gap: '4px 16px', margin: '8px 0 0', padding: 0, listStyleType: 'none', color: tokens.colorNeutralForeground2 },
});

const kHeight = 96;

const jobPath = (job: Job) => `/admin/system/status/jobs/${job.id}`;
const startOf = (job: Job) => job.started_at ?? job.queued_at;

function durationOf(job: Job, now: number): number {
  if (job.duration_ms !== null) return job.duration_ms;
  return job.started_at && !isEnded(job.state) ? Math.max(0, now - Date.parse(job.started_at)) : 0;
}

function Chart({ jobs }: { jobs: Job[] }) {
  const styles = useStyles();
  const now = useNow();
  // Time goes from left to right; the list has the newest first.
  const inOrder = [...jobs].reverse();
  const longest = Math.max(1, ...jobs.map((job) => durationOf(job, now)));
  const states = [...new Set(inOrder.map((job) => job.state))];
  return (
    <>
      <div className={styles.axis}>{texts.refreshes_axis(formatDuration(longest))}</div>
      <ol className={styles.chart} aria-label={texts.refreshes}>
        {inOrder.map((job) => {
          const tone: Tone = kRunTone[job.state];
          const duration = durationOf(job, now);
          const label = texts.bar(
            common.run_state[job.state],
            formatDateTime(startOf(job)),
            isEnded(job.state) ? formatDuration(duration) : texts.unfinished,
            texts.trigger[job.trigger] ?? job.trigger,
          );
          return (
            <li key={job.id} className={styles.column}>
              <Link to={jobPath(job)} className={styles.bar} aria-label={label} title={label}>
                <span className={mergeClasses(styles.fill, styles[tone])} style={{ height: Math.round((duration / longest) * kHeight) }} />
                <StatusIcon tone={tone} />
              </Link>
            </li>
          );
        })}
      </ol>
      <div className={styles.axis} aria-hidden="true">
        <span>{texts.older}</span>
        <span>{texts.newer}</span>
      </div>
      <ul className={styles.legend}>
        {states.map((state) => (
          <li key={state}>
            <RunStatus state={state} />
          </li>
        ))}
      </ul>
    </>
  );
}

function StateLink({ job }: { job: Job }) {
  const link = useLinkStyles();
  return (
    <Link to={jobPath(job)} className={link.root} style={{ color: 'inherit' }}>
      <RunStatus state={job.state} />
    </Link>
  );
}

const kColumns: Column<Job>[] = [
  { id: 'started', title: texts.job_column.started, width: 'minmax(130px, 1fr)', render: (j) => <RelativeTime at={startOf(j)} /> },
  { id: 'state', title: texts.job_column.state, width: 'minmax(190px, 1.3fr)', render: (j) => <StateLink job={j} /> },
  { id: 'duration', title: texts.job_column.duration, width: 'minmax(110px, 0.8fr)', render: (j) => (j.duration_ms === null ? '–' : formatDuration(j.duration_ms)) },
  {
    id: 'tasks',
    title: texts.job_column.tasks,
    width: 'minmax(70px, 0.5fr)',
    align: 'end',
    render: (j) => formatNumber(j.stages.reduce((n, stage) => n + stage.total, 0)),
  },
  {
    id: 'trigger',
    title: texts.job_column.trigger,
    width: 'minmax(130px, 1fr)',
    render: (j) => (j.trigger === 'manual' ? (j.requested_by?.display_name ?? texts.trigger.manual) : texts.trigger.schedule),
  },
];

/** The last refreshes to be looked at: one bar each, as long as it took. The table says the same in words. */
export function Refreshes({ jobs }: { jobs: Job[] }) {
  const styles = useStyles();
  const [table, setTable] = useState(false);
  return (
    <section className={styles.root} aria-labelledby="refreshes">
      <div className={styles.head}>
        <div>
          <h2 id="refreshes" className={styles.title}>
            {texts.refreshes}
          </h2>
          <p className={styles.line}>{jobs.length > 0 ? texts.refreshes_line : texts.no_refresh}</p>
        </div>
        {jobs.length > 0 && (
          <Button size="small" appearance="subtle" className={styles.switch} icon={table ? <BoardRegular /> : <TableRegular />} onClick={() => setTable(!table)}>
            {table ? texts.as_chart : texts.as_table}
          </Button>
        )}
      </div>
      {jobs.length > 0 &&
        (table ? (
          <DataList label={texts.refreshes} columns={kColumns} items={jobs} error={null} onRetry={() => {}} id={(j) => j.id} name={startOf} empty={null} />
        ) : (
          <Chart jobs={jobs} />
        ))}
    </section>
  );
}
