import { makeStyles, Radio, RadioGroup, tokens } from '@fluentui/react-components';
import type { ConnectionType, Mode } from '../../api/types';
import { FormSection } from '../../components/form-section';
import { texts } from './texts';

const useStyles = makeStyles({
  label: { display: 'flex', flexDirection: 'column' },
  line: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  problem: { margin: 0, color: tokens.colorStatusDangerForeground1, fontSize: tokens.fontSizeBase200 },
});

const kModes: Mode[] = ['full', 'incremental', 'mirror'];

interface Props {
  type: ConnectionType;
  value: Mode;
  readOnly: boolean;
  problem?: string;
  onChange: (mode: Mode) => void;
}

export function ModeSection({ type, value, readOnly, problem, onChange }: Props) {
  const styles = useStyles();
  return (
    <FormSection title={texts.mode}>
      <RadioGroup aria-label={texts.mode} value={value} disabled={readOnly} onChange={(_, data) => onChange(data.value as Mode)}>
        {kModes.map((mode) => {
          const impossible = mode === 'mirror' && !type.can_remove;
          return (
            <Radio
              key={mode}
              value={mode}
              disabled={readOnly || impossible}
              label={
                <span className={styles.label}>
                  {texts.modes[mode].title}
                  <span className={styles.line}>
                    {impossible ? texts.no_mirror(type.title) : texts.modes[mode].line}
                  </span>
                </span>
              }
            />
          );
        })}
      </RadioGroup>
      {problem && (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      )}
    </FormSection>
  );
}
