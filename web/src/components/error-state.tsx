import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { toProblem } from '../lib/problem';
import { ErrorCircleRegular } from './icons';
import { RequestId } from './problem-message';
import { texts } from '../lib/texts';

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', alignItems: 'center', gap: '8px', padding: '48px 24px', textAlign: 'center' },
  icon: { fontSize: '40px', color: tokens.colorStatusDangerForeground1 },
  title: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  text: { margin: 0, maxWidth: '60ch', color: tokens.colorNeutralForeground2 },
});

/** What stands in the place of content that could not be loaded. */
export function ErrorState({ error, onRetry, title = texts.load_failed }: { error: unknown; onRetry?: () => void; title?: string }) {
  const styles = useStyles();
  const problem = toProblem(error);
  return (
    <div className={styles.root} role="alert">
      <ErrorCircleRegular className={styles.icon} />
      <p className={styles.title}>{title}</p>
      <p className={styles.text}>{problem.detail}</p>
      <RequestId problem={problem} />
      {onRetry && <Button onClick={onRetry}>{texts.retry}</Button>}
    </div>
  );
}
