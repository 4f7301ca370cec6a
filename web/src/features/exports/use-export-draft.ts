import { useRef, useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import type { ConnectionType, Export, ExportableTable, ExportDraft, UsableConnection } from '../../api/types';
import { useNotify } from '../../components/notify';
import { checkAll, initialValues, settingsOf, type Values } from '../../lib/fields';
import { newIdempotencyKey } from '../../lib/http';
import { errorAt, errorsBelow, toProblem, type Problem } from '../../lib/problem';
import { useSaveExport } from './api';
import { guardProblems, kFirstGuard, type GuardDraft } from './guard-section';
import { texts } from './texts';

export interface Draft {
  connection_id: string;
  display_name: string;
  tables: string[];
  /** Only tables that do not send all their columns. */
  columns: Record<string, string[]>;
  values: Values;
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

const kMaxName = 100;

const textOf = (number: number | null) => (number === null ? null : String(number));
const numberOf = (text: string | null) => (text === null ? null : Number(text));

function firstDraft({ types, usable, stored, first }: Input): Draft {
  const only = usable.length === 1 ? usable[0]?.id : undefined;
  const connectionId = stored ? (stored.connection?.id ?? '') : (first?.connection_id ?? only ?? '');
  const typeId = stored?.type ?? usable.find((c) => c.id === connectionId)?.type;
  const fields = types.find((t) => t.id === typeId)?.export_fields ?? [];
  return {
    connection_id: connectionId,
    display_name: stored?.display_name ?? '',
    tables: stored?.tables ?? (first?.table ? [first.table] : []),
    columns: stored?.columns ?? {},
    values: initialValues(fields, stored?.settings),
    guard: stored?.guard ? { percent: textOf(stored.guard.max_decrease_percent), rows: textOf(stored.guard.first_run_rows) } : kFirstGuard,
  };
}

/** What can be ticked, and what is ticked but no longer there. */
function offered(type: ConnectionType | undefined, tables: ExportableTable[], ticked: string[]): ExportableTable[] {
  const fitting = tables.filter((t) => type?.payload !== 'segments' || t.kind === 'segment' || ticked.includes(t.name));
  const gone = ticked.filter((name) => !tables.some((t) => t.name === name));
  return [...fitting, ...gone.map((name): ExportableTable => ({ name, display_name: texts.gone(name), kind: 'table', rows: null, columns: [] }))];
}

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
  const name = draft.display_name.trim();

  function chooseConnection(id: string) {
    const next = types.find((t) => t.id === usable.find((c) => c.id === id)?.type);
    form.setValue('connection_id', id, { shouldDirty: true });
    if (next && next.id !== type?.id) {
      form.setValue('values', initialValues(next.export_fields));
      if (next.payload === 'segments') {
        const segments = new Set(tables.filter((t) => t.kind === 'segment').map((t) => t.name));
        form.setValue('tables', draft.tables.filter((t) => segments.has(t)));
      }
    }
  }

  function body(): ExportDraft {
    const columns = Object.entries(draft.columns).filter(([table]) => draft.tables.includes(table));
    return {
      display_name: name,
      connection_id: draft.connection_id,
      tables: draft.tables,
      columns: type?.columns ? Object.fromEntries(columns) : {},
      settings: settingsOf(fields, draft.values),
      guard: { max_decrease_percent: numberOf(draft.guard.percent), first_run_rows: numberOf(draft.guard.rows) },
    };
  }

  function changed(): Partial<ExportDraft> {
    const next = body();
    if (next.connection_id === stored?.connection?.id || !next.connection_id) {
      const { connection_id: _, ...rest } = next;
      return rest;
    }
    return next;
  }

  async function save() {
    setProblem(null);
    try {
      if (stored) {
        await saving.mutateAsync({ update: changed(), id: stored.id, version: stored.version });
        notify.success(texts.saved(name));
      } else {
        const create = body();
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

  const complete =
    (draft.connection_id !== '' || stored !== undefined) &&
    type !== undefined &&
    name.length > 0 &&
    name.length <= kMaxName &&
    draft.tables.length > 0 &&
    Object.values(draft.columns).every((list) => list.length > 0) &&
    Object.keys(checkAll(fields, draft.values, new Set())).length === 0 &&
    Object.keys(guardProblems(draft.guard)).length === 0;

  return {
    form,
    draft,
    type,
    fields,
    problem,
    offered: offered(type, tables, stored?.tables ?? []),
    // An export keeps its type; a new one may take any connection.
    connections: stored ? usable.filter((c) => c.type === stored.type) : usable,
    errors: {
      display_name: errorAt(problem, '/display_name') ?? (name.length > kMaxName ? texts.name_too_long : undefined),
      connection: errorAt(problem, '/connection_id'),
      tables: problem?.errors.find((e) => e.pointer.startsWith('/tables') || e.pointer.startsWith('/columns'))?.detail,
      fields: errorsBelow(problem, 'settings'),
    },
    dirty: form.formState.isDirty,
    saving: saving.isPending,
    can_save: complete && (!stored || form.formState.isDirty),
    chooseConnection,
    save: () => void save(),
  };
}

export type ExportDraftState = ReturnType<typeof useExportDraft>;
