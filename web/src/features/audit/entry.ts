// What an entry says, taken apart for people: fields that changed with both values, and everything else.

import type { AuditEntry } from '../../api/types';
import { words } from '../../lib/format';
import { texts } from './texts';

export interface Change {
  field: string;
  /** Absent where the entry tells only that, or what, something was. */
  old?: string;
  new: string;
}

export const eventText = (event: string): string => words(event.replaceAll('.', ' '));

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return texts.none;
  if (typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value, null, 1) : String(value);
}

export function changesOf(details: AuditEntry['details'], prefix = ''): Change[] {
  return Object.entries(details ?? {}).flatMap(([name, value]): Change[] => {
    const field = prefix + name;
    if (!isObject(value)) return [{ field, new: shown(value) }];
    if ('old' in value || 'new' in value) return [{ field, old: shown(value.old), new: shown(value.new) }];
    return changesOf(value, `${field}.`);
  });
}

/** "settings.host" as a person reads it. */
export const fieldText = (field: string): string => field.split('.').map(words).join(' › ');

/** A day of a filter as a moment: the first of that day, or of the next one where the day is to be part of the period. */
export function momentOf(day: string, end: boolean): string | undefined {
  const date = new Date(`${day}T00:00:00`);
  if (!day || Number.isNaN(date.getTime())) return undefined;
  if (end) date.setDate(date.getDate() + 1);
  return date.toISOString();
}
