// Any form a connection type asks for, drawn from its fields. Knows no type and no field by name.

import { Field as LabelledField, makeStyles } from '@fluentui/react-components';
import { useState } from 'react';
import type { Field, FieldValue } from '../api/types';
import { checkValue, isSecret, visibleFields, type Values } from '../lib/fields';
import { FieldInput } from './field-input';
import { SecretInput } from './secret-input';
import type { Choice } from './select-field';

const useStyles = makeStyles({ root: { display: 'flex', flexDirection: 'column', gap: '16px' } });

interface Props {
  fields: Field[];
  values: Values;
  onChange: (values: Values) => void;
  /** From the server, by field name; they win over what the form finds itself. */
  errors?: Record<string, string>;
  /** Secrets that are stored already: shown as hidden until the person replaces them. */
  stored_secrets?: ReadonlySet<string>;
  /** The object exists: fields that are fixed after creation are grey. */
  editing?: boolean;
  disabled?: boolean;
  /** The mapped target names, for fields that name one of them. */
  attributes?: Choice[];
}

const kNone: ReadonlySet<string> = new Set();

export function FieldForm({ fields, values, onChange, errors = {}, stored_secrets = kNone, editing, disabled, attributes }: Props) {
  const styles = useStyles();
  // A field complains once it was left, not while it is being typed for the first time.
  const [left, setLeft] = useState(kNone);

  const set = (name: string, value: FieldValue | undefined) => onChange({ ...values, [name]: value });

  return (
    <div className={styles.root}>
      {visibleFields(fields, values).map((field) => {
        const value = values[field.name];
        const kept = isSecret(field) && stored_secrets.has(field.name) && value === undefined;
        const problem = errors[field.name] ?? (left.has(field.name) ? checkValue(field, value, kept) : undefined);
        const props = {
          field,
          value,
          disabled: disabled || (editing && field.fixed_after_create),
          onChange: (next: FieldValue | undefined) => set(field.name, next),
          onLeave: () => setLeft(new Set(left).add(field.name)),
          attributes,
        };
        return (
          <LabelledField
            key={field.name}
            label={field.type === 'boolean' ? undefined : field.title}
            required={field.required && field.type !== 'boolean'}
            hint={field.hint}
            validationMessage={problem}
            validationState={problem ? 'error' : 'none'}
          >
            {isSecret(field) ? (
              <SecretInput {...props} stored={stored_secrets.has(field.name)} />
            ) : (
              <FieldInput {...props} />
            )}
          </LabelledField>
        );
      })}
    </div>
  );
}
