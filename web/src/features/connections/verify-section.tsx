import { Button, makeStyles, Spinner, tokens } from '@fluentui/react-components';
import type { ConnectionType, Verification } from '../../api/types';
import { FormSection } from '../../components/form-section';
import { CheckmarkCircleFilled, ErrorCircleFilled, ShieldCheckmarkRegular, WarningFilled } from '../../components/icons';
import { formatDuration } from '../../lib/format';
import { texts } from './texts';
import type { ConnectionDraftState } from './use-connection-draft';
import { VerificationSteps } from './verification-steps';

const useStyles = makeStyles({
  row: { display: 'flex', alignItems: 'center', gap: '12px', flexWrap: 'wrap' },
  outcome: { display: 'flex', alignItems: 'center', gap: '6px' },
  passed: { color: tokens.colorStatusSuccessForeground1, fontSize: '20px' },
  failed: { color: tokens.colorStatusDangerForeground1, fontSize: '20px' },
  unknown: { color: tokens.colorStatusWarningForeground1, fontSize: '20px' },
  note: { color: tokens.colorNeutralForeground2 },
});

function Outcome({ verification }: { verification: Verification }) {
  const styles = useStyles();
  const time = formatDuration(verification.duration_ms);
  return (
    <span className={styles.outcome}>
      {verification.result === 'passed' && <CheckmarkCircleFilled className={styles.passed} />}
      {verification.result === 'failed' && <ErrorCircleFilled className={styles.failed} />}
      {verification.result === 'not_tested' && <WarningFilled className={styles.unknown} />}
      {verification.result === 'passed' && texts.verified(time)}
      {verification.result === 'failed' && texts.not_verified(time)}
      {verification.result === 'not_tested' && texts.not_tested}
    </span>
  );
}

export function VerifySection({ type, state }: { type: ConnectionType; state: ConnectionDraftState }) {
  const styles = useStyles();
  const { verification, busy } = state;
  return (
    <FormSection title={texts.check} line={texts.check_line[type.verify === 'required' ? 'required' : 'optional']}>
      <div className={styles.row}>
        <Button
          icon={busy.verifying ? <Spinner size="tiny" /> : <ShieldCheckmarkRegular />}
          disabled={!state.can_verify || busy.verifying || busy.saving}
          onClick={state.verify}
        >
          {texts.verify}
        </Button>
        <span role="status">
          {busy.verifying && <span className={styles.note}>{texts.verifying}</span>}
          {!busy.verifying && verification && <Outcome verification={verification} />}
          {!busy.verifying && state.outdated && <span className={styles.note}>{texts.values_changed}</span>}
        </span>
      </div>
      {verification && !busy.verifying && <VerificationSteps steps={verification.steps} onAdopt={state.adopt} />}
    </FormSection>
  );
}
