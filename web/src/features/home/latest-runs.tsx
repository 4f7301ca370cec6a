import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { Link } from 'react-router';
import type { Run } from '../../api/types';
import { useLinkStyles } from '../../components/link-styles';
import { RelativeTime } from '../../components/relative-time';
import { RunStatus } from '../../components/status-cell';
import { useCardStyles } from './card';
import { texts } from './texts';

const useStyles = makeStyles({
  root: { gridColumn: '1 / -1', gap: '8px' },
  head: { display: 'flex', justifyContent: 'space-between', alignItems: 'baseline', gap: '12px' },
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  item: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 2fr) 80px minmax(0, 1.3fr) minmax(0, 1fr)',
    gap: '12px',
    padding: '10px 0',
    borderTop: `1px solid ${tokens.colorNeutralStroke3}`,
    '@media (max-width: 640px)': { gridTemplateColumns: 'minmax(0, 1fr) auto', rowGap: '4px' },
  },
  soft: { color: tokens.colorNeutralForeground2 },
  wideOnly: { '@media (max-width: 640px)': { display: 'none' } },
  none: { margin: '8px 0', color: tokens.colorNeutralForeground2 },
});

export function LatestRuns({ runs }: { runs: Run[] }) {
  const card = useCardStyles();
  const styles = useStyles();
  const links = useLinkStyles();
  return (
    <section className={mergeClasses(card.root, styles.root)} aria-labelledby="latest-runs">
      <div className={styles.head}>
        <h2 id="latest-runs" className={card.title}>
          {texts.last_runs}
        </h2>
        <Link to="/data/runs" className={links.root}>
          {texts.all_runs}
        </Link>
      </div>
      {runs.length === 0 && <p className={styles.none}>{texts.no_runs}</p>}
      <ul className={styles.list}>
        {runs.map((run) => (
          <li key={run.id} className={styles.item}>
            <Link to={`/data/runs/${run.id}`} className={mergeClasses(links.root, links.strong)}>
              {run.subject.display_name}
            </Link>
            <span className={mergeClasses(styles.soft, styles.wideOnly)}>{texts.kind[run.kind]}</span>
            <RunStatus state={run.state} />
            <span className={styles.soft}>
              <RelativeTime at={run.started_at ?? run.queued_at} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
