import { useState } from 'react';
import type { ColumnType, Detected, DetectOptions, Run, Table, Upload } from '../../api/types';
import { toProblem, type Problem } from '../../lib/problem';
import { useDetect, useImportTable, useTables } from './api';
import { texts } from './texts';

export interface ColumnDraft {
  source: string;
  name: string;
  type: ColumnType;
  included: boolean;
}

interface Draft {
  name: string;
  key: string;
  replace: boolean;
  columns: ColumnDraft[];
}

const kName = /^[A-Za-z][A-Za-z0-9]{2,63}$/;

/** "customer demographics-2.csv" becomes "CustomerDemographics2". */
export function nameFromFile(filename: string): string {
  const stem = filename.replace(/\.[^.]*$/, '');
  const joined = stem
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
    .replace(/^[0-9]+/, '')
    .slice(0, 64);
  return kName.test(joined) ? joined : 'Table1';
}

const columnsOf = (detected: Detected): ColumnDraft[] =>
  detected.columns.map((c) => ({ source: c.name, name: c.name, type: c.type, included: true }));

/** Detection was repeated: what the person had corrected stays, as far as the columns are still there. */
function merged(detected: Detected, before: ColumnDraft[]): ColumnDraft[] {
  return columnsOf(detected).map((column) => before.find((b) => b.source === column.source) ?? column);
}

function duplicates(columns: ColumnDraft[]): Record<string, string> {
  const seen = new Set<string>();
  const problems: Record<string, string> = {};
  for (const column of columns.filter((c) => c.included)) {
    const name = column.name.trim().toLowerCase();
    if (seen.has(name)) problems[column.source] = texts.duplicate(column.name);
    seen.add(name);
  }
  return problems;
}

/** What is known of the file beforehand: an entity of a model.json names and types the columns, and may have several files. */
export interface Preset {
  name: string;
  columns: ColumnDraft[];
  upload_ids: string[];
}

export function useImportDraft(
  upload: Upload,
  preset: Preset | undefined,
  wantedName: string | undefined,
  onStarted: (s: { table: Table; run: Run }) => void,
) {
  const tables = useTables();
  const detect = useDetect(upload.id);
  const importing = useImportTable();
  const [detected, setDetected] = useState(upload.detected);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [draft, setDraft] = useState<Draft>(() => ({
    name: wantedName ?? nameFromFile(preset?.name ?? upload.filename),
    key: upload.detected.key_candidates[0] ?? '',
    replace: wantedName !== undefined,
    columns: preset?.columns ?? columnsOf(upload.detected),
  }));

  const existing = tables.data?.find((t) => t.name.toLowerCase() === draft.name.toLowerCase());
  const columnProblems = duplicates(draft.columns);
  const keyColumn = draft.columns.find((c) => c.source === draft.key && c.included);
  const serverErrors = problem?.errors ?? [];
  const serverError = (pointer: string) => serverErrors.find((e) => e.pointer === pointer)?.detail;
  for (const error of serverErrors) {
    const index = /^\/columns\/(\d+)/.exec(error.pointer)?.[1];
    const column = index === undefined ? undefined : draft.columns[Number(index)];
    if (column) columnProblems[column.source] = error.detail;
  }

  async function detectAgain(options: DetectOptions) {
    setProblem(null);
    const wanted = { encoding: detected.encoding, delimiter: detected.delimiter, has_header: detected.has_header, ...options };
    try {
      const next = await detect.mutateAsync(wanted);
      setDetected(next);
      setDraft((before) => {
        const columns = merged(next, before.columns);
        const key = columns.some((c) => c.source === before.key) ? before.key : (next.key_candidates[0] ?? '');
        return { ...before, columns, key };
      });
    } catch (error) {
      setProblem(toProblem(error));
    }
  }

  async function start() {
    setProblem(null);
    try {
      onStarted(
        await importing.mutateAsync({
          name: draft.name,
          upload_ids: preset?.upload_ids ?? [upload.id],
          kind: preset ? 'model_json' : 'csv',
          key: keyColumn?.name.trim() ?? '',
          encoding: detected.encoding,
          delimiter: detected.delimiter,
          has_header: detected.has_header,
          columns: draft.columns.map((c) => ({ ...c, name: c.name.trim() })),
          ...(existing ? { replace: true } : {}),
        }),
      );
    } catch (error) {
      const refusal = toProblem(error);
      if (refusal.reason === 'table.name_taken') void tables.refetch();
      setProblem(refusal);
    }
  }

  return {
    draft,
    detected,
    existing,
    problem,
    set: (change: Partial<Draft>) => {
      setProblem(null);
      setDraft((before) => ({ ...before, ...change }));
    },
    detectAgain: (options: DetectOptions) => void detectAgain(options),
    start: () => void start(),
    busy: { detecting: detect.isPending, starting: importing.isPending },
    errors: {
      name: serverError('/name') ?? (kName.test(draft.name) ? undefined : texts.name_invalid),
      key: serverError('/key'),
      columns: columnProblems,
    },
    can_import:
      kName.test(draft.name) &&
      keyColumn !== undefined &&
      draft.columns.every((c) => !c.included || c.name.trim() !== '') &&
      Object.keys(duplicates(draft.columns)).length === 0 &&
      (!existing || draft.replace),
  };
}
