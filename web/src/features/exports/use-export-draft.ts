import { useRef, useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import type { ExportDraft } from '../../api/types';
import { useNotify } from '../../components/notify';
import { checkAll, initialValues, type Values } from '../../lib/fields';
import { newIdempotencyKey } from '../../lib/http';
import { errorAt, errorsBelow, toProblem, type Problem } from '../../lib/problem';
import { useSaveExport } from './api';
import { bodyOf, firstDraft, firstMode, kMaxName, mappableColumns, missing, offered, type Draft, type Input } from './draft';
import { guardProblems } from './guard-section';
import { checkLimits } from './limits';
import { afterKeyChange, firstRows, isMatchingField, rowProblem, rulesOf, type MapRow } from './mapping';
import { texts } from './texts';

export function useExportDraft(input: Input) {
  const { types, usable, tables, stored, onSaved } = input;
  const notify = useNotify();
  const saving = useSaveExport();
  const keyOfBody = useRef({ body: '', key: '' });
  const [problem, setProblem] = useState<Problem | null>(null);
  const form = useForm<Draft>({ defaultValues: firstDraft(input) });
  const draft = useWatch({ control: form.control }) as Draft;

  const typeId = stored?.type ?? usable.find((c) => c.id === draft.connection_id)?.type;
  const type = types.find((t) => t.id === typeId);
  const fields = type?.export_fields ?? [];
  const rules = rulesOf(type);
  const columns = mappableColumns(tables);
  const name = draft.display_name.trim();

  function chooseConnection(id: string) {
    const next = types.find((t) => t.id === usable.find((c) => c.id === id)?.type);
    form.setValue('connection_id', id, { shouldDirty: true });
    if (!next || next.id === type?.id) return;
    const values = initialValues(next.export_fields);
    form.setValue('values', values);
    form.setValue('rows', firstRows(next, values, columns));
    form.setValue('mode', firstMode(next));
    if (next.payload === 'segments') {
      const segments = new Set(tables.filter((t) => t.kind === 'segment').map((t) => t.name));
      form.setValue('tables', draft.tables.filter((t) => segments.has(t)));
    }
  }

  function changeValues(values: Values) {
    form.setValue('values', values, { shouldDirty: true });
    if (values.key_identifier !== draft.values.key_identifier) form.setValue('rows', afterKeyChange(rules, values, draft.rows, columns));
  }

  /** The identifier goes along when the row it names gets another name. */
  function changeRows(rows: MapRow[]) {
    form.setValue('rows', rows, { shouldDirty: true });
    const before = draft.rows.find((row) => row.name.trim() !== '' && row.name.trim() === draft.values.identifier);
    if (!rules.free || !before) return;
    const after = rows.find((row) => row.key === before.key)?.name.trim();
    if (after !== draft.values.identifier) form.setValue('values', { ...draft.values, identifier: after || undefined }, { shouldDirty: true });
  }

  function changed(): Partial<ExportDraft> {
    const next = bodyOf(draft, type);
    if (next.connection_id !== stored?.connection?.id && next.connection_id) return next;
    const { connection_id: _, ...rest } = next;
    return rest;
  }

  async function save() {
    setProblem(null);
    try {
      if (stored) {
        await saving.mutateAsync({ update: changed(), id: stored.id, version: stored.version });
        notify.success(texts.saved(name));
      } else {
        const create = bodyOf(draft, type);
        const text = JSON.stringify(create);
        if (keyOfBody.current.body !== text) keyOfBody.current = { body: text, key: newIdempotencyKey() };
        await saving.mutateAsync({ create, idempotency_key: keyOfBody.current.key });
        notify.success(texts.added(name));
      }
      onSaved();
    } catch (error) {
      setProblem(toProblem(error));
    }
  }

  const shown = offered(type, tables, stored?.tables ?? []);
  const limits = checkLimits(type, shown.filter((t) => draft.tables.includes(t.name)));
  const gaps = missing(draft, type);
  const rowProblems = Object.fromEntries(draft.rows.map((row) => [row.key, rowProblem(rules, draft.rows, row, columns)]));
  const isRight =
    name.length <= kMaxName &&
    limits.errors.length === 0 &&
    Object.values(rowProblems).every((p) => p === undefined) &&
    Object.keys(checkAll(fields.filter((f) => !isMatchingField(type, f.name)), draft.values, new Set())).length === 0 &&
    Object.keys(guardProblems(draft.guard)).length === 0;
  const dirty = form.formState.isDirty || (stored !== undefined && draft.rows.some((row) => row.is_proposed));

  return {
    form,
    draft,
    type,
    fields,
    columns,
    limits,
    gaps,
    row_problems: rowProblems,
    problem,
    offered: shown,
    // An export keeps its type; a new one may take any connection.
    connections: stored ? usable.filter((c) => c.type === stored.type) : usable,
    errors: {
      display_name: errorAt(problem, '/display_name') ?? (name.length > kMaxName ? texts.name_too_long : undefined),
      connection: errorAt(problem, '/connection_id'),
      tables: problem?.errors.find((e) => e.pointer.startsWith('/tables') || e.pointer.startsWith('/columns'))?.detail,
      fields: errorsBelow(problem, 'settings'),
      mapping: errorsBelow(problem, 'mapping'),
      mode: errorAt(problem, '/mode'),
    },
    dirty,
    saving: saving.isPending,
    can_save: gaps.length === 0 && isRight && (!stored || dirty),
    chooseConnection,
    changeValues,
    changeRows,
    save: () => void save(),
  };
}

export type ExportDraftState = ReturnType<typeof useExportDraft>;
