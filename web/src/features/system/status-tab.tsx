import { makeStyles, mergeClasses, ProgressBar, Skeleton, SkeletonItem, tokens } from '@fluentui/react-components';
import { Link, Outlet } from 'react-router';
import type { Job } from '../../api/types';
import { Command, CommandBar } from '../../components/command-bar';
import { EmptyState } from '../../components/empty-state';
import { ErrorState } from '../../components/error-state';
import { ArrowSyncRegular } from '../../components/icons';
import { useLinkStyles } from '../../components/link-styles';
import { useNotify } from '../../components/notify';
import { RunsPicture } from '../../components/pictures';
import { RelativeTime } from '../../components/relative-time';
import { RunStatus } from '../../components/status-cell';
import { formatDuration } from '../../lib/format';
import { texts as common } from '../../lib/texts';
import { useJobs, useRefreshAll, useStatus } from './api';
import { Refreshes } from './refreshes';
import { StatusGroup } from './status-group';
import { texts } from './texts';

const useStyles = makeStyles({
  now: {
    display: 'flex',
    flexDirection: 'column',
    gap: '8px',
    marginTop: '12px',
    padding: '14px 20px',
    backgroundColor: tokens.colorBrandBackground2,
    border: `1px solid ${tokens.colorBrandStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  row: { display: 'flex', justifyContent: 'space-between', alignItems: 'center', flexWrap: 'wrap', gap: '4px 16px' },
  name: { fontWeight: tokens.fontWeightSemibold },
  last: { display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: '4px 8px', color: tokens.colorNeutralForeground2 },
});

/** Enough to see a trend, and few enough for a bar to be hit. */
const kRefreshes = 30;

const sum = (job: Job, what: 'done' | 'total') => job.stages.reduce((n, stage) => n + stage[what], 0);

function Running({ job }: { job: Job }) {
  const styles = useStyles();
  const link = useLinkStyles();
  const total = sum(job, 'total');
  const done = sum(job, 'done');
  return (
    <section className={styles.now} aria-label={texts.refresh_running}>
      <div className={styles.row}>
        <span role="status">
          <span className={styles.name}>{texts.refresh_running}</span> · {texts.refreshed_of(done, total)}
        </span>
        <span>
          {texts.started_ago} <RelativeTime at={job.started_at ?? job.queued_at} /> ·{' '}
          <Link to={`/admin/system/status/jobs/${job.id}`} className={mergeClasses(link.root, link.inText)}>
            {texts.see_progress}
          </Link>
        </span>
      </div>
      <ProgressBar thickness="large" value={total > 0 ? done / total : undefined} aria-label={texts.refresh_running} />
    </section>
  );
}

function Last({ job }: { job: Job | null }) {
  const styles = useStyles();
  const link = useLinkStyles();
  if (!job) return null;
  return (
    <span className={styles.last}>
      {texts.last_refresh}: <RelativeTime at={job.ended_at ?? job.queued_at} />
      <Link to={`/admin/system/status/jobs/${job.id}`} className={link.root} style={{ color: 'inherit' }}>
        <RunStatus state={job.state} />
      </Link>
      {job.duration_ms !== null && `(${formatDuration(job.duration_ms)})`}
    </span>
  );
}

export function StatusTab() {
  const notify = useNotify();
  const status = useStatus();
  const jobs = useJobs(kRefreshes);
  const refresh = useRefreshAll();
  const { data } = status;
  const mayRefresh = data?.can.includes('refresh') ?? false;
  const groups = data?.groups.filter((group) => group.tasks.length > 0) ?? [];

  const refreshAll = () =>
    refresh.mutate(undefined, {
      onSuccess: () => notify.success(texts.refresh_started),
      onError: (error) => notify.failure(texts.refresh_failed, error),
    });

  const body = () => {
    if (status.isError && !data) return <ErrorState error={status.error} onRetry={() => void status.refetch()} />;
    if (!data) {
      return (
        <Skeleton aria-label={common.loading} style={{ marginTop: 12, display: 'grid', gap: 12 }}>
          <SkeletonItem size={128} />
          <SkeletonItem size={64} />
          <SkeletonItem size={64} />
        </Skeleton>
      );
    }
    return (
      <>
        {data.running_job && <Running job={data.running_job} />}
        {jobs.isError && !jobs.data ? <ErrorState error={jobs.error} onRetry={() => void jobs.refetch()} /> : <Refreshes jobs={jobs.data?.items ?? []} />}
        {groups.length === 0 && (
          <EmptyState picture={<RunsPicture />} title={texts.status_empty_title}>
            {texts.status_empty_text}
          </EmptyState>
        )}
        {groups.map((group) => (
          <StatusGroup key={group.name} group={group} />
        ))}
      </>
    );
  };

  return (
    <>
      {(mayRefresh || data?.last_job) && (
        <CommandBar label={texts.commands} end={<Last job={data?.last_job ?? null} />}>
          {mayRefresh && (
            <Command icon={<ArrowSyncRegular />} onClick={refreshAll} disabled={refresh.isPending || Boolean(data?.running_job)}>
              {texts.refresh_all}
            </Command>
          )}
        </CommandBar>
      )}
      {body()}
      <Outlet />
    </>
  );
}
