// What the export pane holds while it is being filled, how it starts, what is missing, and how it is sent.

import type { ConnectionType, Export, ExportableTable, ExportDraft, Mode, UsableConnection } from '../../api/types';
import { checkAll, initialValues, settingsOf, visibleFields, type Values } from '../../lib/fields';
import { kFirstGuard, type GuardDraft } from './guard-section';
import { firstRows, isMatchingField, mappingOf, missingOf, takesRows, type MapRow } from './mapping';
import { texts } from './texts';

export interface Draft {
  connection_id: string;
  display_name: string;
  tables: string[];
  /** Only tables that do not send all their columns. */
  columns: Record<string, string[]>;
  values: Values;
  rows: MapRow[];
  mode: Mode;
  guard: GuardDraft;
}

export interface Input {
  types: ConnectionType[];
  usable: UsableConnection[];
  tables: ExportableTable[];
  stored?: Export;
  first?: { connection_id?: string; table?: string };
  onSaved: () => void;
}

export const kMaxName = 100;

const textOf = (number: number | null) => (number === null ? null : String(number));
const numberOf = (text: string | null) => (text === null ? null : Number(text));

/** Those of the Customer table: a segment has the same, and nothing else can be mapped (EXP-37). */
export const mappableColumns = (tables: ExportableTable[]): string[] => tables.find((t) => t.kind === 'segment')?.columns.map((c) => c.name) ?? [];

export const firstMode = (type: ConnectionType | undefined): Mode => (takesRows(type) ? 'incremental' : 'full');

export function firstDraft({ types, usable, tables, stored, first }: Input): Draft {
  const only = usable.length === 1 ? usable[0]?.id : undefined;
  const connectionId = stored ? (stored.connection?.id ?? '') : (first?.connection_id ?? only ?? '');
  const type = types.find((t) => t.id === (stored?.type ?? usable.find((c) => c.id === connectionId)?.type));
  const values = initialValues(type?.export_fields ?? [], stored?.settings);
  return {
    connection_id: connectionId,
    display_name: stored?.display_name ?? '',
    tables: stored?.tables ?? (first?.table ? [first.table] : []),
    columns: stored?.columns ?? {},
    values,
    rows: firstRows(type, values, mappableColumns(tables), stored?.mapping),
    mode: stored?.mode ?? firstMode(type),
    guard: stored?.guard ? { percent: textOf(stored.guard.max_decrease_percent), rows: textOf(stored.guard.first_run_rows) } : kFirstGuard,
  };
}

/** What can be ticked, and what is ticked but no longer there. */
export function offered(type: ConnectionType | undefined, tables: ExportableTable[], ticked: string[]): ExportableTable[] {
  const fitting = tables.filter((t) => !takesRows(type) || t.kind === 'segment' || ticked.includes(t.name));
  const gone = ticked.filter((name) => !tables.some((t) => t.name === name));
  const kind = takesRows(type) ? 'segment' : 'table';
  return [...fitting, ...gone.map((name): ExportableTable => ({ name, display_name: texts.gone(name), kind, rows: null, columns: [] }))];
}

/** What keeps the draft from being saved because it is not there yet, in words for a list. */
export function missing(draft: Draft, type: ConnectionType | undefined): string[] {
  if (!type) return [texts.missing_connection];
  const fields = type.export_fields.filter((f) => !isMatchingField(type, f.name) || f.name === 'key_identifier');
  const found = checkAll(fields, draft.values, new Set());
  const mapped = mappingOf(draft.rows);
  const names = visibleFields(fields, draft.values).filter((f) => f.type === 'attribute' && draft.values[f.name] !== undefined);
  return [
    ...(draft.display_name.trim() === '' ? [texts.missing_name] : []),
    ...fields.filter((f) => f.required && found[f.name] && (draft.values[f.name] ?? '') === '').map((f) => texts.missing_setting(f.title)),
    // It names a target that was taken out of the mapping since.
    ...names.filter((f) => mapped[String(draft.values[f.name])] === undefined).map((f) => texts.missing_setting(f.title)),
    ...missingOf(type, draft.values, draft.rows),
    ...(draft.tables.length === 0 ? [takesRows(type) ? texts.missing_segments : texts.missing_tables] : []),
    ...Object.entries(draft.columns).filter(([, list]) => list.length === 0).map(([table]) => texts.missing_columns(table)),
  ];
}

export function bodyOf(draft: Draft, type: ConnectionType | undefined): ExportDraft {
  const columns = Object.entries(draft.columns).filter(([table]) => draft.tables.includes(table));
  return {
    display_name: draft.display_name.trim(),
    connection_id: draft.connection_id,
    tables: draft.tables,
    columns: type?.columns ? Object.fromEntries(columns) : {},
    settings: settingsOf(type?.export_fields ?? [], draft.values),
    ...(takesRows(type) ? { mapping: mappingOf(draft.rows), mode: draft.mode } : {}),
    guard: { max_decrease_percent: numberOf(draft.guard.percent), first_run_rows: numberOf(draft.guard.rows) },
  };
}
