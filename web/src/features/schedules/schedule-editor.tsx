import { Field, Input, makeStyles } from '@fluentui/react-components';
import type { Recurrence } from '../../api/types';
import { SelectField } from '../../components/select-field';
import { DaysField } from './days-field';
import { errorOf, hasTimes, kWeekdays, type RuleDraft, type RuleErrors } from './rule';
import { RulePreview } from './rule-preview';
import { texts } from './texts';
import { TimesField } from './times-field';
import { TimeZoneField } from './time-zone-field';
import type { RulePreviewState } from './use-rule-preview';

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', gap: '16px', minWidth: 0 },
  select: { maxWidth: '360px' },
  interval: { display: 'flex', gap: '12px', alignItems: 'flex-start' },
  every: { width: '110px' },
  unit: { width: '160px', minWidth: 0 },
  mono: { fontFamily: 'monospace' },
});

const kWeek = kWeekdays.map((day) => ({ value: day, short: texts.weekday_short[day], long: texts.weekday[day] }));
const kMonth = Array.from({ length: 31 }, (_, i) => ({ value: i + 1, short: String(i + 1), long: texts.month_day(i + 1) }));
const kAll = Object.entries(texts.recurrence).map(([value, title]) => ({ value, title }));
interface Props {
  draft: RuleDraft;
  onChange: (draft: RuleDraft) => void;
  preview: RulePreviewState;
  /** From the server's answer to a save. */
  errors?: RuleErrors;
  disabled?: boolean;
  label?: string;
  recurrences?: { value: string; title: string }[];
}

/** Everything a rule is made of, with what it means below it while it is being edited. Holds no state of its own. */
export function ScheduleEditor({ draft, onChange, preview, errors: saved = {}, disabled, label = texts.recurrence_label, recurrences = kAll }: Props) {
  const styles = useStyles();
  const errors = disabled ? {} : { ...saved, ...preview.errors };
  const set = (change: Partial<RuleDraft>) => onChange({ ...draft, ...change });
  const state = (member: string) => {
    const problem = errorOf(errors, member);
    return { validationMessage: problem, validationState: problem ? ('error' as const) : ('none' as const) };
  };

  return (
    <div className={styles.root}>
      <Field label={label} required {...state('recurrence')}>
        <SelectField
          className={styles.select}
          value={draft.recurrence}
          choices={recurrences}
          disabled={disabled}
          onChange={(value) => set({ recurrence: value as Recurrence })}
        />
      </Field>
      {draft.recurrence === 'interval' && (
        <div className={styles.interval}>
          <Field label={texts.every} required {...state('every')}>
            <Input
              className={styles.every}
              inputMode="numeric"
              value={draft.every}
              disabled={disabled}
              onChange={(_, data) => set({ every: data.value })}
            />
          </Field>
          <Field label={texts.unit_label} required {...state('unit')}>
            <SelectField
              className={styles.unit}
              value={draft.unit}
              choices={Object.entries(texts.unit).map(([value, title]) => ({ value, title }))}
              disabled={disabled}
              onChange={(value) => set({ unit: value as RuleDraft['unit'] })}
            />
          </Field>
        </div>
      )}
      {draft.recurrence === 'weekly' && (
        <DaysField
          layout="week"
          label={texts.weekdays}
          days={kWeek}
          chosen={draft.weekdays}
          onChange={(weekdays) => set({ weekdays })}
          problem={errorOf(errors, 'weekdays')}
          disabled={disabled}
        />
      )}
      {draft.recurrence === 'monthly' && (
        <DaysField
          layout="month"
          label={texts.month_days}
          days={kMonth}
          chosen={draft.month_days}
          onChange={(month_days) => set({ month_days })}
          problem={errorOf(errors, 'month_days')}
          hint={draft.month_days.some((day) => day > 28) ? texts.month_days_hint : undefined}
          disabled={disabled}
        />
      )}
      {hasTimes(draft.recurrence) && <TimesField times={draft.times} onChange={(times) => set({ times })} errors={errors} disabled={disabled} />}
      {draft.recurrence === 'cron' && (
        <Field label={texts.cron} required hint={texts.cron_hint} {...state('cron')}>
          <Input
            className={styles.select}
            input={{ className: styles.mono, spellCheck: false, autoComplete: 'off' }}
            value={draft.cron}
            disabled={disabled}
            onChange={(_, data) => set({ cron: data.value })}
          />
        </Field>
      )}
      <TimeZoneField value={draft.time_zone} onChange={(time_zone) => set({ time_zone })} problem={errorOf(errors, 'time_zone')} disabled={disabled} />
      {!disabled && <RulePreview preview={preview.answer} zone={preview.zone} loading={preview.loading} error={preview.error} />}
    </div>
  );
}
