import { Button, makeStyles, ProgressBar, Switch, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { Link } from 'react-router';
import { isEnded } from '../../api/runs';
import type { Job } from '../../api/types';
import { ConfirmDialog } from '../../components/confirm-dialog';
import { useLinkStyles } from '../../components/link-styles';
import { useNotify } from '../../components/notify';
import { PaneContent } from '../../components/pane';
import { RelativeTime } from '../../components/relative-time';
import { RunStatus } from '../../components/status-cell';
import { formatDuration } from '../../lib/format';
import { useCancelJob } from './api';
import { JobStage } from './job-stage';
import { texts } from './texts';

const useStyles = makeStyles({
  summary: { display: 'flex', flexDirection: 'column', gap: '8px', paddingBottom: '12px' },
  row: { display: 'flex', justifyContent: 'space-between', flexWrap: 'wrap', gap: '4px 16px' },
  soft: { color: tokens.colorNeutralForeground2 },
  foot: { display: 'flex', justifyContent: 'space-between', alignItems: 'center', flexWrap: 'wrap', gap: '8px', paddingTop: '16px' },
  list: { listStyleType: 'none', margin: 0, padding: 0 },
});

interface Props {
  job: Job;
  /** The task the pane was opened from: at first only its stage is shown. */
  focus: string | null;
  onClose: () => void;
}

export function JobContent({ job, focus, onClose }: Props) {
  const styles = useStyles();
  const link = useLinkStyles();
  const notify = useNotify();
  const cancel = useCancelJob();
  const [asking, setAsking] = useState(false);
  const holder = focus ? job.stages.find((stage) => stage.tasks?.some((task) => task.id === focus)) : undefined;
  const [entire, setEntire] = useState(holder === undefined);
  const ended = isEnded(job.state);
  const total = job.stages.reduce((n, stage) => n + stage.total, 0);
  const done = job.stages.reduce((n, stage) => n + stage.done, 0);
  const by = job.trigger === 'schedule' || !job.requested_by?.id ? texts.by_schedule : texts.by(job.requested_by.display_name);

  const confirmed = () =>
    cancel.mutate(job.id, {
      onSuccess: () => notify.success(texts.canceled),
      onError: (error) => notify.failure(texts.cancel_failed, error),
      onSettled: () => setAsking(false),
    });

  return (
    <PaneContent
      title={texts.progress}
      line={texts.job_of(by)}
      onClose={onClose}
      footer={
        <>
          {job.can.includes('cancel') && !ended && <Button onClick={() => setAsking(true)}>{texts.cancel_job}</Button>}
          <Button onClick={onClose}>{texts.close}</Button>
        </>
      }
    >
      <div className={styles.summary}>
        <div className={styles.row}>
          <span role="status">
            <RunStatus state={job.state} />
          </span>
          <span className={styles.soft}>
            <RelativeTime at={job.started_at ?? job.queued_at} />
            {job.duration_ms !== null && ` · ${formatDuration(job.duration_ms)}`}
          </span>
        </div>
        {!ended && <ProgressBar thickness="large" value={total > 0 ? done / total : undefined} aria-label={texts.progress} />}
      </div>
      <ul className={styles.list}>
        {job.stages
          .filter((stage) => entire || stage === holder)
          .map((stage) => (
            <JobStage
              key={stage.name}
              stage={stage}
              jobId={job.id}
              focus={focus}
              tasks={(stage.tasks ?? []).filter((task) => entire || task.id === focus)}
              opened={stage === holder || stage.failed > 0 || stage.state === 'running'}
            />
          ))}
      </ul>
      <div className={styles.foot}>
        {holder && (
          <Switch
            label={`${texts.entire}: ${entire ? texts.shown : texts.hidden}`}
            checked={entire}
            onChange={(_, data) => setEntire(data.checked)}
          />
        )}
        <Link to="/admin/system/status" className={link.root}>
          {texts.view_status}
        </Link>
      </div>
      {asking && (
        <ConfirmDialog
          open
          title={texts.cancel_title}
          confirm={texts.cancel_job}
          cancel={texts.keep_running}
          busy={cancel.isPending}
          onClose={() => setAsking(false)}
          onConfirm={confirmed}
        >
          {texts.cancel_body}
        </ConfirmDialog>
      )}
    </PaneContent>
  );
}
