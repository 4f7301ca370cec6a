// The rules of a form that a connection type describes: which fields show, with what they start, whether they are
// filled, and how they are sent. The server checks again; this only spares a round trip.

import type { Field, FieldValue, SecretChange } from '../api/types';
import { texts } from './texts';

export type Values = Record<string, FieldValue | undefined>;

export const isSecret = (field: Field): boolean =>
  field.secret === true || field.type === 'secret' || field.type === 'secret_text';

export function isVisible(field: Field, fields: Field[], values: Values): boolean {
  const { when } = field;
  if (!when) return true;
  const decider = fields.find((f) => f.name === when.field);
  if (decider && !isVisible(decider, fields, values)) return false;
  const value = values[when.field] ?? decider?.default;
  // The wire has the wanted values as text, also those of a switch.
  return when.equals.some((wanted) => String(wanted) === String(value));
}

export const visibleFields = (fields: Field[], values: Values): Field[] =>
  fields.filter((field) => isVisible(field, fields, values));

/** What the form starts with: what is stored, else the default of the type. Secrets start as untouched. */
export function initialValues(fields: Field[], stored?: Record<string, FieldValue | null>): Values {
  const values: Values = {};
  for (const field of fields) {
    if (isSecret(field)) continue;
    const value = stored?.[field.name] ?? field.default;
    if (value !== undefined && value !== null) values[field.name] = value;
    else if (field.type === 'boolean') values[field.name] = false;
  }
  return values;
}

const isEmpty = (value: FieldValue | undefined) => value === undefined || (typeof value === 'string' && value.trim() === '');

/** What is wrong with a value as it stands, or undefined. `kept` tells that a secret is stored and untouched. */
export function checkValue(field: Field, value: FieldValue | undefined, kept = false): string | undefined {
  if (isEmpty(value)) return field.required && !kept ? texts.field_required(field.title) : undefined;
  if (field.type === 'integer' || field.type === 'port') {
    const number = typeof value === 'number' ? value : Number(value);
    if (!Number.isInteger(number)) return texts.field_integer;
    const min = field.min ?? (field.type === 'port' ? 1 : undefined);
    const max = field.max ?? (field.type === 'port' ? 65_535 : undefined);
    if (min !== undefined && max !== undefined && (number < min || number > max)) return texts.field_range(min, max);
    if (min !== undefined && number < min) return texts.field_min(min);
    if (max !== undefined && number > max) return texts.field_max(max);
  }
  if (field.type === 'host') {
    const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(String(value))?.[0];
    if (scheme) return texts.field_no_scheme(scheme);
  }
  if (field.type === 'url') return checkUrl(String(value).trim());
  return undefined;
}

/** Absolute, and nothing in it that would not be sent as it is. */
function checkUrl(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return texts.field_url;
  }
  if (!/^https?:\/\//i.test(text) || url.hostname === '') return texts.field_url;
  if (url.username || url.password) return texts.field_url_user;
  return /[?#]/.test(text) ? texts.field_url_query : undefined;
}

export function checkAll(fields: Field[], values: Values, keptSecrets: ReadonlySet<string>): Record<string, string> {
  const problems: Record<string, string> = {};
  for (const field of visibleFields(fields, values)) {
    const kept = keptSecrets.has(field.name) && values[field.name] === undefined;
    const problem = checkValue(field, values[field.name], kept);
    if (problem) problems[field.name] = problem;
  }
  return problems;
}

/** The visible settings in their wire types. */
export function settingsOf(fields: Field[], values: Values): Record<string, FieldValue> {
  const settings: Record<string, FieldValue> = {};
  for (const field of visibleFields(fields, values)) {
    const value = values[field.name];
    if (isSecret(field) || isEmpty(value)) continue;
    if (field.type === 'integer' || field.type === 'port') settings[field.name] = Number(value);
    else settings[field.name] = typeof value === 'string' ? value.trim() : value!;
  }
  return settings;
}

/** Typed secrets are set, untouched ones kept, and those that no longer belong to the form cleared. */
export function secretsOf(fields: Field[], values: Values, stored: ReadonlySet<string>): Record<string, SecretChange> {
  const visible = new Set(visibleFields(fields, values).map((f) => f.name));
  const secrets: Record<string, SecretChange> = {};
  for (const field of fields.filter(isSecret)) {
    const value = values[field.name];
    if (!visible.has(field.name)) {
      if (stored.has(field.name)) secrets[field.name] = null;
    } else if (value === undefined) {
      if (stored.has(field.name)) secrets[field.name] = { keep: true };
    } else if (value !== '') {
      secrets[field.name] = { set: String(value) };
    } else if (stored.has(field.name)) {
      secrets[field.name] = null;
    }
  }
  return secrets;
}
