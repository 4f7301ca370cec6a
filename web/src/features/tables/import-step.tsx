import { makeStyles, tokens } from '@fluentui/react-components';
import { Link } from 'react-router';
import { isEnded, useRun } from '../../api/runs';
import type { Run } from '../../api/types';
import { useLinkStyles } from '../../components/link-styles';
import { ProblemMessage } from '../../components/problem-message';
import { RunProgress } from '../../components/run-progress';
import { Problem } from '../../lib/problem';
import { texts } from './texts';

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', gap: '16px', paddingTop: '16px' },
  note: { margin: 0, color: tokens.colorNeutralForeground2 },
});

export function ImportStep({ first, name }: { first: Run; name: string }) {
  const styles = useStyles();
  const link = useLinkStyles();
  const run = useRun(first.id).data ?? first;
  return (
    <div className={styles.root}>
      <RunProgress run={run} rows={run.counts?.rows_read ?? 0} />
      {run.error && <ProblemMessage problem={new Problem(200, { ...run.error })} />}
      {!isEnded(run.state) && <p className={styles.note}>{texts.import_background}</p>}
      {run.state === 'succeeded' && <p className={styles.note}>{texts.import_done(name)}</p>}
      <Link to={`/data/runs/${run.id}`} className={link.root}>
        {texts.see_run}
      </Link>
    </div>
  );
}
