import { makeStyles, ProgressBar, tokens } from '@fluentui/react-components';
import { isEnded, progressOf } from '../api/runs';
import type { Run } from '../api/types';
import { formatDuration, formatNumber, formatRate } from '../lib/format';
import { useNow } from '../lib/hooks';
import { texts } from '../lib/texts';
import { RunStatus } from './status-cell';

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', gap: '8px' },
  row: { display: 'flex', justifyContent: 'space-between', gap: '12px', flexWrap: 'wrap' },
  numbers: { color: tokens.colorNeutralForeground2, fontVariantNumeric: 'tabular-nums' },
});

const kColour = (state: Run['state']) => {
  if (state === 'succeeded') return 'success' as const;
  if (state === 'failed' || state === 'completed_with_errors') return 'error' as const;
  return state === 'completed_with_warnings' || state === 'skipped' ? ('warning' as const) : ('brand' as const);
};

/** A bar that moves would say that something goes on. */
const kStill: Run['state'][] = ['needs_approval', 'retrying'];

/** How far a run is: rows of what is expected, moving as events arrive. */
export function RunProgress({ run, rows }: { run: Run; rows: number }) {
  const styles = useStyles();
  const now = useNow();
  const progress = progressOf(run);
  const elapsed = run.duration_ms ?? (run.started_at ? Math.max(0, now - Date.parse(run.started_at)) : 0);
  return (
    <div className={styles.root}>
      <div className={styles.row}>
        <span role="status">
          <RunStatus state={run.state} canceling={run.is_canceling} />
        </span>
        <span className={styles.numbers}>
          {run.expected_rows ? texts.rows_of(formatNumber(rows), formatNumber(run.expected_rows)) : texts.rows(formatNumber(rows))}
          {isEnded(run.state) && elapsed > 0 && ` · ${formatDuration(elapsed)}`}
          {isEnded(run.state) && elapsed > 0 && rows > 0 && ` · ${texts.rows_per_second(formatRate(rows, elapsed))}`}
        </span>
      </div>
      {(progress !== null || !isEnded(run.state)) && !kStill.includes(run.state) && (
        <ProgressBar
          value={progress ?? undefined}
          color={kColour(run.state)}
          thickness="large"
          aria-label={texts.progress}
        />
      )}
    </div>
  );
}
