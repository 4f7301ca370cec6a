import { Button, makeStyles, Spinner, tokens } from '@fluentui/react-components';
import { StatusCell } from '../../components/status-cell';
import { SendRegular } from '../../components/icons';
import { toProblem } from '../../lib/problem';
import { useTestNotice } from './api';
import { texts } from './texts';

const useStyles = makeStyles({
  root: { display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: '8px 12px' },
  detail: { color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' },
});

interface Props {
  /** "mail" or the id of a webhook. */
  to: string;
  label: string;
  name?: string;
  /** There are changes that are not stored, which a test would not use. */
  dirty: boolean;
}

/** Sends a test and tells beside the button how it went. */
export function TestButton({ to, label, name, dirty }: Props) {
  const styles = useStyles();
  const test = useTestNotice();
  const answer = test.data;
  return (
    <div className={styles.root}>
      <Button
        icon={test.isPending ? <Spinner size="tiny" /> : <SendRegular />}
        disabled={dirty || test.isPending}
        aria-label={name}
        title={dirty ? texts.test_after_save : undefined}
        onClick={() => test.mutate(to)}
      >
        {label}
      </Button>
      <span role="status">
        {dirty && <span className={styles.detail}>{texts.test_after_save}</span>}
        {!dirty && answer && <StatusCell tone={answer.ok ? 'success' : 'danger'}>{answer.ok ? texts.test_ok : texts.test_not_ok}</StatusCell>}
        {!dirty && answer?.detail && <span className={styles.detail}> {answer.detail}</span>}
        {!dirty && test.error && <StatusCell tone="danger">{toProblem(test.error).detail}</StatusCell>}
      </span>
    </div>
  );
}
