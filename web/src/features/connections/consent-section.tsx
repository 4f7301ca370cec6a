import { Checkbox, Field, makeStyles, tokens } from '@fluentui/react-components';
import type { Connection, ConnectionType } from '../../api/types';
import { FormSection } from '../../components/form-section';
import { RelativeTime } from '../../components/relative-time';
import { consentStands } from './draft';
import { texts } from './texts';

const useStyles = makeStyles({
  text: { margin: 0, whiteSpace: 'pre-line' },
  target: { margin: 0, fontWeight: tokens.fontWeightSemibold },
  note: { margin: 0, color: tokens.colorNeutralForeground2 },
});

interface Props {
  type: ConnectionType;
  connection?: Connection;
  agreed: boolean;
  onChange: (agreed: boolean) => void;
  problem?: string;
}

/** The statement that names where data goes, and the agreement to it. One that stands is shown and not asked again. */
export function ConsentSection({ type, connection, agreed, onChange, problem }: Props) {
  const styles = useStyles();
  const stands = consentStands(type, connection) && !problem;
  const consent = connection?.consent;
  const renew = problem ?? (consent && !stands ? texts.consent_renew : undefined);
  return (
    <FormSection title={texts.privacy}>
      {!type.consent.text.includes(type.consent.target) && <p className={styles.target}>{texts.target_is(type.consent.target)}</p>}
      <p className={styles.text}>{type.consent.text}</p>
      <p className={styles.note}>{texts.privacy_remove}</p>
      {stands && consent ? (
        <p className={styles.note}>
          {texts.agreed(consent.agreed_by.display_name)}, <RelativeTime at={consent.agreed_at} />
        </p>
      ) : (
        <Field validationMessage={renew} validationState={renew ? (problem ? 'error' : 'warning') : 'none'}>
          <Checkbox label={texts.agree} required checked={agreed} onChange={(_, data) => onChange(data.checked === true)} />
        </Field>
      )}
    </FormSection>
  );
}
