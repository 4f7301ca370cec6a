// Data matching: which column of the Customer table goes to which attribute of a service. Pure rules; the pane draws them.

import type { ConnectionType, MappingRules, TargetAttribute } from '../../api/types';
import type { Values } from '../../lib/fields';
import { propose } from './proposals';
import { texts } from './texts';

/** A target and its column as they stand in the form; an empty text is not chosen or not typed yet. */
export interface MapRow {
  /** Tells rows apart while their names change. */
  key: string;
  name: string;
  column: string;
  /** Put there because of its name; gone as soon as the person chooses. */
  is_proposed?: boolean;
}

const kNoRules: MappingRules = { attributes: [], identifier: [], key_identifiers: [], free: false };
export const takesRows = (type: ConnectionType | undefined): boolean => type?.payload === 'segments';
export const rulesOf = (type: ConnectionType | undefined): MappingRules => type?.mapping ?? kNoRules;
/** Settings that belong to the data matching and are drawn there. */
export const isMatchingField = (type: ConnectionType | undefined, name: string): boolean =>
  takesRows(type) && (name === 'key_identifier' || (name === 'identifier' && rulesOf(type).free));

let lastKey = 0;
export function newRow(name: string, column: string | undefined): MapRow {
  lastKey += 1;
  return { key: `row-${lastKey}`, name, column: column ?? '', is_proposed: column !== undefined };
}

/** What must be mapped: the mandatory attributes, and those of the chosen key identifier (EXP-34, EXP-36). */
export function mandatoryNames(rules: MappingRules, values: Values): string[] {
  const key = rules.key_identifiers.find((k) => k.value === values.key_identifier);
  const required = rules.attributes.filter((a) => a.required).map((a) => a.name);
  return [...new Set([...(key?.attributes ?? []), ...required])];
}

const attributeOf = (rules: MappingRules, name: string): TargetAttribute | undefined => rules.attributes.find((a) => a.name === name);
export const titleOf = (rules: MappingRules, name: string): string => attributeOf(rules, name)?.title ?? name;

/** The rows as they were, and a proposal for each mandatory attribute that has none. */
export function withMandatory(rules: MappingRules, values: Values, rows: MapRow[], columns: string[]): MapRow[] {
  const next = [...rows];
  for (const name of mandatoryNames(rules, values)) {
    if (next.some((row) => row.name === name)) continue;
    const used = next.map((row) => row.column);
    next.push(newRow(name, propose(name, titleOf(rules, name), columns.filter((c) => !used.includes(c)))));
  }
  return next;
}

/** Another key identifier: what only the old one demanded goes, unless the person chose it (EXP-36). */
export function afterKeyChange(rules: MappingRules, values: Values, rows: MapRow[], columns: string[]): MapRow[] {
  const mandatory = mandatoryNames(rules, values);
  const kept = rows.filter((row) => mandatory.includes(row.name) || (row.column !== '' && !row.is_proposed));
  return withMandatory(rules, values, kept, columns);
}

/** With what the form starts. A stored mapping keeps its order. */
export function firstRows(type: ConnectionType | undefined, values: Values, columns: string[], stored?: Record<string, string>): MapRow[] {
  if (!takesRows(type)) return [];
  const rules = rulesOf(type);
  const rows = Object.entries(stored ?? {}).map(([name, column]) => ({ ...newRow(name, column), is_proposed: false }));
  if (rules.free) return rows.length > 0 ? rows : [newRow('', undefined)];
  return withMandatory(rules, values, rows, columns);
}

/** What "Add attribute" still offers (EXP-35). */
export const attributesLeft = (rules: MappingRules, rows: MapRow[]): TargetAttribute[] =>
  rules.attributes.filter((a) => !rows.some((row) => row.name === a.name));

/** The complete rows, in their order. */
export function mappingOf(rows: MapRow[]): Record<string, string> {
  return Object.fromEntries(rows.filter((row) => row.name.trim() !== '' && row.column !== '').map((row) => [row.name.trim(), row.column]));
}

const kMaxName = 63;

/** What is wrong with a row as it stands, not counting what is still missing. */
export function rowProblem(rules: MappingRules, rows: MapRow[], row: MapRow, columns: string[]): string | undefined {
  if (row.column !== '' && !columns.includes(row.column)) return texts.column_gone(row.column);
  if (!rules.free) return undefined;
  const name = row.name.trim();
  if (name.length > kMaxName) return texts.target_too_long;
  // Numbers as names would change places with the others: the order of members is kept for names only.
  if (/^\d+$/.test(name)) return texts.target_number;
  const twice = rows.some((other) => other.key !== row.key && other.name.trim().toLowerCase() === name.toLowerCase());
  return name !== '' && twice ? texts.target_twice(name) : undefined;
}

/** What must still be done, in words for a list; empty: the mapping is complete. */
export function missingOf(type: ConnectionType | undefined, values: Values, rows: MapRow[]): string[] {
  if (!takesRows(type)) return [];
  const rules = rulesOf(type);
  if (rules.free) {
    const open = rows.filter((row) => row.name.trim() === '' || row.column === '');
    if (rows.length === 0) return [texts.missing_mapping];
    if (open.length > 0) return [texts.missing_target];
    return rows.some((row) => row.name.trim() === values.identifier) ? [] : [texts.missing_identifier];
  }
  const mapped = mappingOf(rows);
  const mandatory = mandatoryNames(rules, values).filter((name) => mapped[name] === undefined);
  const begun = rows.filter((row) => row.column === '' && !mandatory.includes(row.name)).map((row) => row.name);
  return [...mandatory, ...begun].map((name) => texts.missing_column(titleOf(rules, name)));
}
