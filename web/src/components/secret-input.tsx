import { Button, Input, makeStyles, mergeClasses, Textarea, tokens, useFieldControlProps_unstable } from '@fluentui/react-components';
import { useState } from 'react';
import type { FieldInputProps } from './field-input';
import { EyeOffRegular, EyeRegular, LockClosedRegular } from './icons';
import { texts } from '../lib/texts';

const useStyles = makeStyles({
  hidden: { justifyContent: 'flex-start', fontWeight: tokens.fontWeightRegular, color: tokens.colorNeutralForeground2 },
  area: { position: 'relative', display: 'flex', flexDirection: 'column' },
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, paddingRight: '36px' },
  masked: { WebkitTextSecurity: 'disc' } as never,
  reveal: { position: 'absolute', top: '4px', right: '4px' },
  keep: { alignSelf: 'flex-start', paddingLeft: 0 },
  column: { display: 'flex', flexDirection: 'column', gap: '2px' },
});

/**
 * A password or key. A stored one never comes from the server: a button stands in its place until the person wants to
 * replace it. The eye shows only what was typed just now.
 */
export function SecretInput({ field, value, onChange, onLeave, disabled, stored }: FieldInputProps & { stored: boolean }) {
  const styles = useStyles();
  const control = useFieldControlProps_unstable({}, { supportsLabelFor: true, supportsRequired: true }) as object;
  const [shown, setShown] = useState(false);

  if (stored && value === undefined) {
    return (
      <Button className={styles.hidden} icon={<LockClosedRegular />} disabled={disabled} onClick={() => onChange('')}>
        {texts.hidden_value}
      </Button>
    );
  }

  const reveal = (
    <Button
      appearance="transparent"
      size="small"
      icon={shown ? <EyeOffRegular /> : <EyeRegular />}
      aria-label={`${shown ? texts.hide_value : texts.show_value} (${field.title})`}
      aria-pressed={shown}
      onClick={() => setShown(!shown)}
    />
  );
  const common = { ...control, value: String(value ?? ''), placeholder: field.placeholder, disabled, onBlur: onLeave, autoFocus: stored };
  const change = (text: string) => onChange(text === '' && !stored ? undefined : text);

  return (
    <div className={styles.column}>
      {field.type === 'secret_text' ? (
        <div className={styles.area}>
          <Textarea
            {...common}
            rows={5}
            resize="vertical"
            textarea={{ className: mergeClasses(styles.mono, !shown && styles.masked), spellCheck: false, autoComplete: 'off' }}
            onChange={(_, data) => change(data.value)}
          />
          {value ? <span className={styles.reveal}>{reveal}</span> : null}
        </div>
      ) : (
        <Input
          {...common}
          type={shown ? 'text' : 'password'}
          input={{ autoComplete: 'new-password', spellCheck: false }}
          contentAfter={value ? reveal : null}
          onChange={(_, data) => change(data.value)}
        />
      )}
      {stored && (
        <Button appearance="transparent" size="small" className={styles.keep} onClick={() => onChange(undefined)}>
          {texts.keep_stored}
        </Button>
      )}
    </div>
  );
}
