import { Button, Field, Input, makeStyles, tokens } from '@fluentui/react-components';
import { AddRegular, DismissRegular } from '../../components/icons';
import { errorOf, kMostTimes, type RuleErrors } from './rule';
import { texts } from './texts';

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', gap: '8px', border: 'none', margin: 0, padding: 0, minWidth: 0 },
  legend: { padding: 0, marginBottom: '4px' },
  star: { color: tokens.colorStatusDangerForeground1 },
  times: { display: 'flex', flexWrap: 'wrap', gap: '8px 12px', alignItems: 'flex-start' },
  time: { display: 'flex', alignItems: 'flex-start', gap: '2px' },
  input: { width: '136px' },
  problem: { color: tokens.colorStatusDangerForeground1, fontSize: tokens.fontSizeBase200 },
});

interface Props {
  times: string[];
  onChange: (times: string[]) => void;
  errors: RuleErrors;
  disabled?: boolean;
}

/** One to four times of the day. */
export function TimesField({ times, onChange, errors, disabled }: Props) {
  const styles = useStyles();
  return (
    <fieldset className={styles.root}>
      <legend className={styles.legend}>
        {times.length === 1 ? texts.time_one : texts.times} <span className={styles.star} aria-hidden="true">*</span>
      </legend>
      <div className={styles.times}>
        {times.map((time, index) => {
          const problem = errors[`times/${index}`];
          return (
            <div key={index} className={styles.time}>
              <Field validationMessage={problem} validationState={problem ? 'error' : 'none'}>
                <Input
                  type="time"
                  className={styles.input}
                  aria-label={times.length === 1 ? texts.time_one : texts.time(index + 1)}
                  value={time}
                  required
                  disabled={disabled}
                  onChange={(_, data) => onChange(times.map((t, at) => (at === index ? data.value : t)))}
                />
              </Field>
              {times.length > 1 && !disabled && (
                <Button
                  appearance="subtle"
                  icon={<DismissRegular />}
                  aria-label={texts.remove_time(time)}
                  title={texts.remove_time(time)}
                  onClick={() => onChange(times.filter((_, at) => at !== index))}
                />
              )}
            </div>
          );
        })}
      </div>
      {errors.times && !times.some((_, index) => errorOf(errors, `times/${index}`)) && <span className={styles.problem}>{errors.times}</span>}
      {times.length < kMostTimes && !disabled && (
        <div>
          <Button appearance="subtle" icon={<AddRegular />} onClick={() => onChange([...times, ''])}>
            {texts.add_time}
          </Button>
        </div>
      )}
    </fieldset>
  );
}
