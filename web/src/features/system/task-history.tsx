import { Button, makeStyles, Skeleton, SkeletonItem, tokens } from '@fluentui/react-components';
import { Link } from 'react-router';
import { useRuns } from '../../api/runs';
import { EmptyState } from '../../components/empty-state';
import { ErrorState } from '../../components/error-state';
import { useLinkStyles } from '../../components/link-styles';
import { PaneContent } from '../../components/pane';
import { RunsPicture } from '../../components/pictures';
import { RelativeTime } from '../../components/relative-time';
import { RunStatus } from '../../components/status-cell';
import { formatDuration } from '../../lib/format';
import { texts as common } from '../../lib/texts';
import { texts } from './texts';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  item: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1.6fr) minmax(0, 1fr) auto',
    gap: '4px 12px',
    padding: '10px 0',
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
  },
  soft: { color: tokens.colorNeutralForeground2 },
  why: { gridColumn: '1 / -1', color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere' },
});

const kLast = 10;

export function TaskHistory({ subjectId, name, onClose }: { subjectId: string; name: string | null; onClose: () => void }) {
  const styles = useStyles();
  const link = useLinkStyles();
  const runs = useRuns({ subject_id: subjectId, sort: '-queued_at', limit: kLast });
  const items = runs.data?.items;

  const body = () => {
    if (runs.isError && !items) return <ErrorState error={runs.error} onRetry={() => void runs.refetch()} />;
    if (!items) return <Skeleton aria-label={common.loading}><SkeletonItem size={96} /></Skeleton>;
    if (items.length === 0) return <EmptyState picture={<RunsPicture />} title={texts.history_none} />;
    return (
      <ul className={styles.list}>
        {items.map((run) => (
          <li key={run.id} className={styles.item}>
            <Link to={`/data/runs/${run.id}`} className={link.root} style={{ color: 'inherit' }}>
              <RunStatus state={run.state} canceling={run.is_canceling} />
            </Link>
            <RelativeTime at={run.started_at ?? run.queued_at} />
            <span className={styles.soft}>{run.duration_ms === null ? '' : formatDuration(run.duration_ms)}</span>
            {run.error && <span className={styles.why}>{run.error.detail}</span>}
          </li>
        ))}
      </ul>
    );
  };

  return (
    <PaneContent
      title={items?.[0]?.subject.display_name ?? name ?? texts.history}
      line={texts.history}
      onClose={onClose}
      footer={<Button onClick={onClose}>{texts.close}</Button>}
    >
      {body()}
    </PaneContent>
  );
}
