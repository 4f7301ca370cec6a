import { makeStyles, Skeleton, SkeletonItem, tokens } from '@fluentui/react-components';
import { useState, type ReactElement } from 'react';
import { useNavigate, useParams } from 'react-router';
import { useCancelRun, useRun } from '../../api/runs';
import type { Run } from '../../api/types';
import { BackLink } from '../../components/back-link';
import { Command, CommandBar } from '../../components/command-bar';
import { ConfirmDialog } from '../../components/confirm-dialog';
import { ErrorState } from '../../components/error-state';
import { ArrowExportRegular, ArrowSyncRegular, PeopleRegular, StopRegular, TableRegular } from '../../components/icons';
import { useNotify } from '../../components/notify';
import { PageHeader } from '../../components/page-header';
import { RunProgress } from '../../components/run-progress';
import { texts as common } from '../../lib/texts';
import { Approval } from './approval';
import { rowsOf } from './columns';
import { RejectedRows } from './rejected-rows';
import { Requests } from './requests';
import { RunAbout, RunCounts } from './run-facts';
import { RunFiles, RunTables } from './run-lists';
import { RunNotes } from './run-notes';
import { useSendsRows } from './sends-rows';
import { texts } from './texts';

const useStyles = makeStyles({
  card: {
    padding: '16px 20px',
    marginTop: '12px',
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
});

function subjectOf(run: Run): { label: string; icon: ReactElement; to: string } {
  switch (run.kind) {
    case 'export':
      return { label: texts.open_export, icon: <ArrowExportRegular />, to: `/data/exports/${run.subject.id}` };
    case 'segment':
      return { label: texts.open_segment, icon: <PeopleRegular />, to: `/data/segments/${run.subject.id}` };
    case 'import':
      return { label: texts.open_table, icon: <TableRegular />, to: `/data/tables/${run.subject.display_name}` };
  }
}

export function RunPage() {
  const styles = useStyles();
  const navigate = useNavigate();
  const notify = useNotify();
  const { id = '' } = useParams();
  const query = useRun(id);
  const cancel = useCancelRun();
  const [asking, setAsking] = useState(false);

  const run = query.data;
  // Most rows of such a run may have been there already: how far it is, is what it has dealt with.
  const ofRows = useSendsRows(run);
  if (query.isError && !run) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!run) return <Skeleton aria-label={common.loading}><SkeletonItem size={128} style={{ marginTop: 48 }} /></Skeleton>;
  const { display_name } = run.subject;
  const open = subjectOf(run);

  return (
    <>
      <PageHeader title={display_name} above={<BackLink to="/data/runs">{texts.back}</BackLink>}>
        {texts.run_of(texts.kind[run.kind])}
      </PageHeader>
      <CommandBar label={texts.commands}>
        {run.can.includes('cancel') && !run.is_canceling && (
          <Command icon={<StopRegular />} onClick={() => setAsking(true)}>
            {texts.cancel}
          </Command>
        )}
        <Command icon={open.icon} onClick={() => void navigate(open.to)}>
          {open.label}
        </Command>
        {run.job_id && (
          <Command icon={<ArrowSyncRegular />} onClick={() => void navigate(`/admin/system/status/jobs/${run.job_id}?run=${run.id}`)}>
            {texts.open_job}
          </Command>
        )}
      </CommandBar>
      <div className={styles.card}>
        <RunProgress run={run} rows={ofRows ? run.counts.rows_read : rowsOf(run)} />
      </div>
      <Approval run={run} />
      <RunNotes run={run} />
      <RunCounts run={run} />
      <RunAbout run={run} />
      {run.tables.length > 0 && <RunTables run={run} />}
      <RejectedRows run={run} />
      {run.files && run.files.length > 0 && <RunFiles files={run.files} />}
      {run.can.includes('requests') && <Requests run={run} />}
      {asking && (
        <ConfirmDialog
          open
          title={texts.cancel_title(display_name)}
          confirm={texts.cancel}
          cancel={texts.keep_running}
          busy={cancel.isPending}
          onClose={() => setAsking(false)}
          onConfirm={() =>
            cancel.mutate(run.id, {
              onSuccess: () => notify.success(texts.canceled(display_name)),
              onError: (error) => notify.failure(texts.cancel_failed, error),
              onSettled: () => setAsking(false),
            })
          }
        >
          {texts.cancel_body}
        </ConfirmDialog>
      )}
    </>
  );
}
