import { Input, makeStyles, mergeClasses, Radio, RadioGroup, Switch, Textarea, tokens, useFieldControlProps_unstable } from '@fluentui/react-components';
import type { Field, FieldValue } from '../api/types';
import { texts } from '../lib/texts';
import { SelectField, type Choice } from './select-field';

const useStyles = makeStyles({
  prefixed: { display: 'flex', minWidth: 0 },
  prefix: {
    display: 'flex',
    alignItems: 'center',
    padding: '0 10px',
    backgroundColor: tokens.colorNeutralBackground3,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRightStyle: 'none',
    borderRadius: `${tokens.borderRadiusMedium} 0 0 ${tokens.borderRadiusMedium}`,
    color: tokens.colorNeutralForeground2,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
  },
  afterPrefix: { flexGrow: 1, minWidth: 0, borderTopLeftRadius: 0, borderBottomLeftRadius: 0 },
  short: { maxWidth: '160px' },
  mono: { fontFamily: tokens.fontFamilyMonospace },
});

export interface FieldInputProps {
  field: Field;
  value: FieldValue | undefined;
  onChange: (value: FieldValue | undefined) => void;
  onLeave: () => void;
  disabled?: boolean;
  /** What a field of type `attribute` chooses from. */
  attributes?: Choice[];
}

const kRadioLimit = 3;

export function FieldInput(props: FieldInputProps) {
  const { field, value, onChange, onLeave, disabled } = props;
  switch (field.type) {
    case 'boolean':
      return (
        <Switch label={field.title} checked={value === true} disabled={disabled} onChange={(_, data) => onChange(data.checked)} />
      );
    case 'choice':
      return <ChoiceInput {...props} />;
    case 'attribute':
      return <AttributeInput {...props} />;
    case 'text':
      return (
        <Textarea
          rows={4}
          resize="vertical"
          value={String(value ?? '')}
          placeholder={field.placeholder}
          disabled={disabled}
          onChange={(_, data) => onChange(data.value)}
          onBlur={onLeave}
        />
      );
    default:
      return <LineInput {...props} />;
  }
}

function ChoiceInput({ field, value, onChange, disabled }: FieldInputProps) {
  const choices = field.choices ?? [];
  const find = (text: string) => choices.find((c) => String(c.value) === text)?.value;
  if (choices.length <= kRadioLimit) {
    return (
      <RadioGroup
        layout={choices.every((c) => c.title.length < 20) ? 'horizontal' : 'vertical'}
        value={String(value ?? '')}
        disabled={disabled}
        onChange={(_, data) => onChange(find(data.value))}
      >
        {choices.map((choice) => (
          <Radio key={String(choice.value)} value={String(choice.value)} label={choice.title} />
        ))}
      </RadioGroup>
    );
  }
  return (
    <SelectField
      value={String(value ?? '')}
      choices={choices.map((c) => ({ value: String(c.value), title: c.title }))}
      disabled={disabled}
      onChange={(text) => onChange(find(text))}
    />
  );
}

function AttributeInput({ value, onChange, disabled, attributes = [] }: FieldInputProps) {
  return (
    <SelectField
      value={String(value ?? '')}
      choices={attributes}
      placeholder={attributes.length > 0 ? texts.select : texts.no_attributes}
      disabled={disabled || attributes.length === 0}
      onChange={onChange}
    />
  );
}

/** People paste whole addresses into a field that already shows the scheme. */
function withoutPrefix(text: string, prefix: string | undefined): string {
  return prefix && text.toLowerCase().startsWith(prefix.toLowerCase()) ? text.slice(prefix.length) : text;
}

function LineInput({ field, value, onChange, onLeave, disabled }: FieldInputProps) {
  const styles = useStyles();
  const control = useFieldControlProps_unstable({}, { supportsLabelFor: true, supportsRequired: true });
  const isNumber = field.type === 'integer' || field.type === 'port';
  const input = (
    <Input
      {...(control as object)}
      className={mergeClasses(field.prefix ? styles.afterPrefix : undefined, isNumber && styles.short)}
      input={{ className: ['fingerprint', 'path', 'url'].includes(field.type) ? styles.mono : undefined, spellCheck: false, autoComplete: 'off' }}
      inputMode={isNumber ? 'numeric' : field.type === 'url' ? 'url' : undefined}
      value={String(value ?? '')}
      placeholder={field.placeholder}
      disabled={disabled}
      onChange={(_, data) => onChange(data.value === '' ? undefined : withoutPrefix(data.value, field.prefix))}
      onBlur={onLeave}
    />
  );
  if (!field.prefix) return input;
  return (
    <div className={styles.prefixed}>
      <span className={styles.prefix}>{field.prefix}</span>
      {input}
    </div>
  );
}
