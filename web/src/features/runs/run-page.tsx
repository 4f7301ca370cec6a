import { makeStyles, mergeClasses, MessageBar, MessageBarBody, MessageBarTitle, Skeleton, SkeletonItem, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { useCancelRun, useRun } from '../../api/runs';
import { usePermission } from '../../api/session';
import type { Run } from '../../api/types';
import { BackLink } from '../../components/back-link';
import { Command, CommandBar } from '../../components/command-bar';
import { ConfirmDialog } from '../../components/confirm-dialog';
import { ErrorState } from '../../components/error-state';
import { ArrowExportRegular, StopRegular, TableRegular } from '../../components/icons';
import { useLinkStyles } from '../../components/link-styles';
import { useNotify } from '../../components/notify';
import { PageHeader } from '../../components/page-header';
import { RunProgress } from '../../components/run-progress';
import { texts as common } from '../../lib/texts';
import { rowsOf } from './columns';
import { RunAbout, RunCounts } from './run-facts';
import { RunFiles, RunTables } from './run-lists';
import { texts } from './texts';

const useStyles = makeStyles({
  card: {
    padding: '16px 20px',
    marginTop: '12px',
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  bar: { height: 'auto', marginTop: '12px' },
  advice: { margin: '4px 0 0' },
});

function Trouble({ run }: { run: Run }) {
  const styles = useStyles();
  const link = useLinkStyles();
  const isAdmin = usePermission('connections_manage');
  if (!run.error) return null;
  return (
    <MessageBar intent={run.state === 'failed' ? 'error' : 'warning'} layout="multiline" className={styles.bar}>
      <MessageBarBody>
        <MessageBarTitle>{texts.failed}: </MessageBarTitle>
        {run.error.detail}
        <p className={styles.advice}>
          {texts.advice[run.kind]}{' '}
          {isAdmin && run.connection && (
            <Link to={`/admin/connections/exports/${run.connection.id}`} className={mergeClasses(link.root, link.inText)}>
              {texts.check_connection}
            </Link>
          )}
        </p>
      </MessageBarBody>
    </MessageBar>
  );
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
  if (query.isError && !run) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!run) return <Skeleton aria-label={common.loading}><SkeletonItem size={128} style={{ marginTop: 48 }} /></Skeleton>;
  const { display_name } = run.subject;

  return (
    <>
      <PageHeader title={display_name} above={<BackLink to="/data/runs">{texts.back}</BackLink>}>
        {texts.run_of(texts.kind[run.kind])}
      </PageHeader>
      <CommandBar label={texts.commands}>
        {run.can.includes('cancel') && (
          <Command icon={<StopRegular />} onClick={() => setAsking(true)}>
            {texts.cancel}
          </Command>
        )}
        {run.kind === 'export' ? (
          <Command icon={<ArrowExportRegular />} onClick={() => void navigate(`/data/exports/${run.subject.id}`)}>
            {texts.open_export}
          </Command>
        ) : (
          <Command icon={<TableRegular />} onClick={() => void navigate(`/data/tables/${display_name}`)}>
            {texts.open_table}
          </Command>
        )}
      </CommandBar>
      <div className={styles.card}>
        <RunProgress run={run} rows={rowsOf(run)} />
      </div>
      <Trouble run={run} />
      <RunCounts run={run} />
      <RunAbout run={run} />
      {run.tables.length > 0 && <RunTables tables={run.tables} />}
      {run.files && run.files.length > 0 && <RunFiles files={run.files} />}
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
