import { Checkbox, Field, makeStyles, Spinner } from '@fluentui/react-components';
import type { Detected, DetectOptions } from '../../api/types';
import { SelectField } from '../../components/select-field';
import { texts } from './texts';

const useStyles = makeStyles({
  root: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(180px, 100%), 1fr))', gap: '16px', alignItems: 'end' },
  header: { display: 'flex', alignItems: 'center', gap: '8px' },
});

const choices = (known: Record<string, string>, found: string) =>
  Object.entries({ ...known, ...(found in known ? {} : { [found]: found }) }).map(([value, title]) => ({ value, title }));

interface Props {
  detected: Detected;
  busy: boolean;
  onChange: (options: DetectOptions) => void;
}

/** How the file is read. Each correction looks at the file again. */
export function FormatFields({ detected, busy, onChange }: Props) {
  const styles = useStyles();
  return (
    <div className={styles.root}>
      <Field label={texts.encoding}>
        <SelectField
          value={detected.encoding}
          disabled={busy}
          choices={choices(texts.encodings, detected.encoding)}
          onChange={(encoding) => onChange({ encoding })}
        />
      </Field>
      <Field label={texts.delimiter}>
        <SelectField
          value={detected.delimiter}
          disabled={busy}
          choices={choices(texts.delimiters, detected.delimiter)}
          onChange={(delimiter) => onChange({ delimiter })}
        />
      </Field>
      <div className={styles.header}>
        <Checkbox
          label={texts.has_header}
          checked={detected.has_header}
          disabled={busy}
          onChange={(_, data) => onChange({ has_header: data.checked === true })}
        />
        {busy && <Spinner size="tiny" />}
      </div>
    </div>
  );
}
