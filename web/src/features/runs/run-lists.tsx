import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import type { Run, RunTable } from '../../api/types';
import { CopyButton } from '../../components/copy-button';
import { DataList, type Column } from '../../components/data-list';
import { RunStatus } from '../../components/status-cell';
import { formatBytes, formatNumber } from '../../lib/format';
import { useSendsRows } from './sends-rows';
import { texts } from './texts';

const useStyles = makeStyles({
  heading: { margin: '28px 0 10px', fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  path: { display: 'flex', alignItems: 'center', gap: '4px', minWidth: 0, fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
  text: { overflow: 'hidden', textOverflow: 'ellipsis' },
  more: { marginTop: '8px' },
});

const kTableColumns: Column<RunTable>[] = [
  { id: 'name', title: texts.table.name, width: 'minmax(160px, 2fr)', render: (t) => t.name },
  {
    id: 'state',
    title: texts.table.state,
    width: 'minmax(180px, 1.5fr)',
    render: (t) => (
      <span title={t.error ?? undefined}>
        <RunStatus state={t.state} />
      </span>
    ),
  },
  {
    id: 'read',
    title: texts.table.read,
    width: 'minmax(120px, 1fr)',
    align: 'end',
    render: (t) => (t.expected_rows ? `${formatNumber(t.rows_read)} / ${formatNumber(t.expected_rows)}` : formatNumber(t.rows_read)),
  },
  { id: 'sent', title: texts.table.sent, width: 'minmax(100px, 1fr)', align: 'end', render: (t) => formatNumber(t.rows_sent) },
  { id: 'unchanged', title: texts.table.unchanged, width: 'minmax(90px, 0.8fr)', align: 'end', render: (t) => formatNumber(t.rows_unchanged ?? 0) },
  { id: 'removed', title: texts.table.removed, width: 'minmax(80px, 0.8fr)', align: 'end', render: (t) => formatNumber(t.rows_removed ?? 0) },
  { id: 'rejected', title: texts.table.rejected, width: 'minmax(80px, 0.8fr)', align: 'end', render: (t) => formatNumber(t.rows_rejected ?? 0) },
  { id: 'omitted', title: texts.table.omitted, width: 'minmax(90px, 0.8fr)', align: 'end', render: (t) => formatNumber(t.rows_omitted ?? 0) },
  { id: 'files', title: texts.table.files, width: 'minmax(60px, 0.5fr)', align: 'end', render: (t) => formatNumber(t.files) },
  { id: 'size', title: texts.table.size, width: 'minmax(90px, 0.8fr)', align: 'end', render: (t) => formatBytes(t.bytes) },
];

/** Columns that not every run has something for. */
const kIfAny: Record<string, (table: RunTable) => number> = {
  unchanged: (t) => t.rows_unchanged ?? 0,
  removed: (t) => t.rows_removed ?? 0,
  rejected: (t) => t.rows_rejected ?? 0,
  omitted: (t) => t.rows_omitted ?? 0,
};

export function RunTables({ run }: { run: Run }) {
  const styles = useStyles();
  const ofRows = useSendsRows(run);
  const { tables } = run;
  const title = ofRows ? texts.segments : texts.tables;
  const isShown = (id: string) => {
    if (ofRows) return id !== 'files' && (id !== 'removed' || tables.some((t) => (t.rows_removed ?? 0) > 0));
    const amount = kIfAny[id];
    return !amount || tables.some((t) => amount(t) > 0);
  };
  return (
    <section>
      <h2 className={styles.heading}>{title}</h2>
      <DataList
        label={title}
        columns={kTableColumns.filter((c) => isShown(c.id)).map((c) => (ofRows && c.id === 'name' ? { ...c, title: texts.segment } : c))}
        items={tables}
        error={null}
        onRetry={() => {}}
        id={(t) => t.name}
        name={(t) => t.name}
        empty={null}
      />
    </section>
  );
}

type File = NonNullable<Run['files']>[number];

function PathCell({ path }: { path: string }) {
  const styles = useStyles();
  return (
    <span className={styles.path} title={path}>
      <span className={styles.text}>{path}</span>
      <CopyButton value={path} label={`${texts.copy_path} ${path}`} />
    </span>
  );
}

const kFileColumns: Column<File>[] = [
  { id: 'path', title: texts.file.path, width: 'minmax(280px, 5fr)', render: (f) => <PathCell path={f.path} /> },
  { id: 'rows', title: texts.file.rows, width: 'minmax(90px, 0.7fr)', align: 'end', render: (f) => formatNumber(f.rows) },
  { id: 'size', title: texts.file.size, width: 'minmax(90px, 0.7fr)', align: 'end', render: (f) => formatBytes(f.bytes) },
];

const kFirst = 25;

export function RunFiles({ files }: { files: File[] }) {
  const styles = useStyles();
  const [all, setAll] = useState(false);
  return (
    <section>
      <h2 className={styles.heading}>{texts.files}</h2>
      <DataList
        label={texts.files}
        columns={kFileColumns}
        items={all ? files : files.slice(0, kFirst)}
        error={null}
        onRetry={() => {}}
        id={(f) => f.path}
        name={(f) => f.path}
        empty={null}
      />
      {!all && files.length > kFirst && (
        <Button className={styles.more} appearance="subtle" onClick={() => setAll(true)}>
          {texts.show_all} ({texts.files_more(files.length - kFirst)})
        </Button>
      )}
    </section>
  );
}
