import { Button, Spinner } from '@fluentui/react-components';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { useRun } from '../../api/runs';
import { ErrorState } from '../../components/error-state';
import { Pane, PaneContent } from '../../components/pane';
import { texts as common } from '../../lib/texts';
import { useJob } from './api';
import { JobContent } from './job-content';
import { TaskContent } from './task-content';
import { TaskHistory } from './task-history';
import { texts } from './texts';

interface WaitingProps {
  title: string;
  query: { error: unknown; refetch: () => unknown };
  onClose: () => void;
}

function Waiting({ title, query, onClose }: WaitingProps) {
  return (
    <PaneContent title={title} onClose={onClose} footer={<Button onClick={onClose}>{texts.close}</Button>}>
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Spinner label={common.loading} style={{ marginTop: 48 }} />
      )}
    </PaneContent>
  );
}

const kStatus = '/admin/system/status';

function JobView({ id, onClose }: { id: string; onClose: () => void }) {
  const [params] = useSearchParams();
  const job = useJob(id);
  if (!job.data) return <Waiting title={texts.progress} query={job} onClose={onClose} />;
  return <JobContent key={id} job={job.data} focus={params.get('run')} onClose={onClose} />;
}

function TaskView({ id, onBack, onClose }: { id: string; onBack?: () => void; onClose: () => void }) {
  const run = useRun(id);
  if (!run.data) return <Waiting title={texts.task} query={run} onClose={onClose} />;
  return <TaskContent run={run.data} onBack={onBack} onClose={onClose} />;
}

/** Progress of a job, and one level below it the details of a task: one pane whose content changes. */
export function JobPane() {
  const navigate = useNavigate();
  const { jobId = '', runId } = useParams();
  const [params] = useSearchParams();
  const close = () => void navigate(kStatus);
  const back = () => void navigate({ pathname: `${kStatus}/jobs/${jobId}`, search: params.toString() });
  return (
    <Pane onClose={close}>
      {runId ? <TaskView key={runId} id={runId} onBack={back} onClose={close} /> : <JobView id={jobId} onClose={close} />}
    </Pane>
  );
}

/** A task that ran alone, without a job. */
export function TaskPane() {
  const navigate = useNavigate();
  const { runId = '' } = useParams();
  const close = () => void navigate(kStatus);
  return (
    <Pane onClose={close}>
      <TaskView id={runId} onClose={close} />
    </Pane>
  );
}

export function HistoryPane() {
  const navigate = useNavigate();
  const { subjectId = '' } = useParams();
  const [params] = useSearchParams();
  const close = () => void navigate(kStatus);
  return (
    <Pane onClose={close}>
      <TaskHistory subjectId={subjectId} name={params.get('name')} onClose={close} />
    </Pane>
  );
}
