import { makeStyles, ToggleButton, tokens } from '@fluentui/react-components';
import { useId } from 'react';

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', gap: '4px', minWidth: 0 },
  star: { color: tokens.colorStatusDangerForeground1 },
  row: { display: 'grid', gridTemplateColumns: 'repeat(7, minmax(0, 56px))', gap: '6px' },
  month: { display: 'grid', gridTemplateColumns: 'repeat(7, minmax(0, 44px))', gap: '4px' },
  day: { minWidth: 0, padding: '5px 0' },
  number: { minWidth: 0, padding: '5px 0', fontVariantNumeric: 'tabular-nums' },
  problem: { color: tokens.colorStatusDangerForeground1, fontSize: tokens.fontSizeBase200 },
  hint: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

interface Props<T> {
  label: string;
  days: { value: T; short: string; long: string }[];
  chosen: T[];
  onChange: (chosen: T[]) => void;
  problem?: string;
  hint?: string;
  disabled?: boolean;
  layout: 'week' | 'month';
}

/** Days as buttons that stay pressed: one click each, and all of them seen at once. */
export function DaysField<T extends string | number>({ label, days, chosen, onChange, problem, hint, disabled, layout }: Props<T>) {
  const styles = useStyles();
  const id = useId();
  return (
    <div className={styles.root}>
      <span id={`${id}-label`}>
        {label} <span className={styles.star} aria-hidden="true">*</span>
      </span>
      <div role="group" aria-labelledby={`${id}-label`} aria-describedby={problem ? `${id}-problem` : undefined} className={layout === 'week' ? styles.row : styles.month}>
        {days.map(({ value, short, long }) => (
          <ToggleButton
            key={value}
            className={layout === 'week' ? styles.day : styles.number}
            appearance={chosen.includes(value) ? 'primary' : 'outline'}
            aria-label={layout === 'month' ? long : undefined}
            title={long}
            checked={chosen.includes(value)}
            disabled={disabled}
            onClick={() => onChange(chosen.includes(value) ? chosen.filter((v) => v !== value) : [...chosen, value])}
          >
            {short}
          </ToggleButton>
        ))}
      </div>
      {problem && (
        <span id={`${id}-problem`} role="alert" className={styles.problem}>
          {problem}
        </span>
      )}
      {hint && <span className={styles.hint}>{hint}</span>}
    </div>
  );
}
