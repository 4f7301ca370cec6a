import { makeStyles, tokens } from '@fluentui/react-components';
import { Link } from 'react-router';
import { useRuns } from '../../api/runs';
import { FormSection } from '../../components/form-section';
import { useLinkStyles } from '../../components/link-styles';
import { RelativeTime } from '../../components/relative-time';
import { RunStatus } from '../../components/status-cell';
import { texts } from './texts';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  item: {
    display: 'grid',
    gridTemplateColumns: 'minmax(130px, 1.4fr) 1fr 1fr',
    gap: '12px',
    padding: '8px 0',
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
  },
  none: { margin: 0, color: tokens.colorNeutralForeground2 },
  number: { textAlign: 'end', fontVariantNumeric: 'tabular-nums' },
});

export function RecentRuns({ exportId }: { exportId: string }) {
  const styles = useStyles();
  const link = useLinkStyles();
  const runs = useRuns({ export_id: exportId, limit: 5 }).data?.items ?? [];
  return (
    <FormSection title={texts.recent_runs}>
      {runs.length === 0 ? (
        <p className={styles.none}>{texts.no_runs}</p>
      ) : (
        <>
          <ul className={styles.list}>
            {runs.map((run) => (
              <li key={run.id} className={styles.item}>
                <Link to={`/data/runs/${run.id}`} className={link.root}>
                  <RunStatus state={run.state} />
                </Link>
                <RelativeTime at={run.started_at ?? run.queued_at} />
                <span className={styles.number}>{texts.rows_sent(run.counts.rows_sent)}</span>
              </li>
            ))}
          </ul>
          <Link to={`/data/runs?export_id=${exportId}`} className={link.root}>
            {texts.all_runs}
          </Link>
        </>
      )}
    </FormSection>
  );
}
