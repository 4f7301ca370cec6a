import { Checkbox, Field, Input, makeStyles } from '@fluentui/react-components';
import type { Mode } from '../../api/types';
import { FormSection } from '../../components/form-section';
import { texts } from './texts';

/** As it is typed; empty: not guarded. */
export interface GuardDraft {
  percent: string | null;
  rows: string | null;
}

export const kFirstGuard: GuardDraft = { percent: '30', rows: null };

const isWhole = (text: string, least: number, most: number) => /^\d{1,15}$/.test(text.trim()) && Number(text) >= least && Number(text) <= most;

export function guardProblems({ percent, rows }: GuardDraft): { percent?: string; rows?: string } {
  return {
    ...(percent !== null && !isWhole(percent, 0, 100) ? { percent: texts.guard_percent_invalid } : {}),
    ...(rows !== null && !isWhole(rows, 1, Number.MAX_SAFE_INTEGER) ? { rows: texts.guard_rows_invalid } : {}),
  };
}

const useStyles = makeStyles({ number: { maxWidth: '320px', marginLeft: '32px' } });

interface Props {
  value: GuardDraft;
  /** Of an export of rows: what is asked about depends on it. */
  mode?: Mode;
  readOnly: boolean;
  onChange: (value: GuardDraft) => void;
}

export function GuardSection({ value, mode, readOnly, onChange }: Props) {
  const styles = useStyles();
  const problems = guardProblems(value);
  const number = (name: 'percent' | 'rows', label: string) =>
    value[name] !== null && (
      <Field
        className={styles.number}
        label={label}
        validationMessage={problems[name]}
        validationState={problems[name] ? 'error' : 'none'}
      >
        <Input
          value={value[name] ?? ''}
          inputMode="numeric"
          disabled={readOnly}
          onChange={(_, d) => onChange({ ...value, [name]: d.value })}
        />
      </Field>
    );
  return (
    <FormSection title={texts.guard} line={texts.guard_line}>
      <div>
        <Checkbox
          label={mode === undefined ? texts.guard_decrease : mode === 'mirror' ? texts.guard_removals : texts.guard_empty}
          checked={value.percent !== null}
          disabled={readOnly}
          onChange={(_, d) => onChange({ ...value, percent: d.checked ? '30' : null })}
        />
        {/* Nothing is taken away in the other modes, so that there is no share to speak of. */}
        {(mode === undefined || mode === 'mirror') && number('percent', mode ? texts.guard_removals_percent : texts.guard_percent)}
      </div>
      <div>
        <Checkbox
          label={texts.guard_first}
          checked={value.rows !== null}
          disabled={readOnly}
          onChange={(_, d) => onChange({ ...value, rows: d.checked ? '1000000' : null })}
        />
        {number('rows', texts.guard_rows)}
      </div>
    </FormSection>
  );
}
