import { makeStyles, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import type { ExportableTable } from '../../api/types';
import { DataList, type Column } from '../../components/data-list';
import { EmptyState } from '../../components/empty-state';
import { PeopleRegular, TableRegular } from '../../components/icons';
import { SearchBox } from '../../components/search-box';
import { StatusCell } from '../../components/status-cell';
import { formatNumber } from '../../lib/format';
import { arrange } from '../../lib/list-state';
import { texts } from './texts';

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', gap: '8px' },
  name: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '2px 8px', whiteSpace: 'normal' },
  icon: { fontSize: '18px', color: tokens.colorNeutralForeground3, flexShrink: 0 },
  problem: { margin: 0, color: tokens.colorStatusDangerForeground1, fontSize: tokens.fontSizeBase200 },
});

interface Props {
  tables: ExportableTable[];
  segmentsOnly: boolean;
  ticked: string[];
  readOnly: boolean;
  problem?: string;
  /** What is said of the size of one, by name. */
  notes?: Record<string, { is_error: boolean; text: string }>;
  onChange: (ticked: string[]) => void;
}

function Note({ note }: { note: { is_error: boolean; text: string } | undefined }) {
  return note ? <StatusCell tone={note.is_error ? 'danger' : 'warning'}>{note.text}</StatusCell> : null;
}

const kKind: Column<ExportableTable> = { id: 'kind', title: texts.column_kind, width: '72px', sort: 'kind', render: (t) => texts.kind[t.kind] };
const kSearchFrom = 8;

export function TablePicker({ tables, segmentsOnly, ticked, readOnly, problem, notes = {}, onChange }: Props) {
  const styles = useStyles();
  const [q, setQ] = useState('');
  const [sort, setSort] = useState('name');
  const shown = arrange(
    readOnly ? tables.filter((t) => ticked.includes(t.name)) : tables,
    { q, sort },
    (t, column) => (column === 'rows' ? t.rows : column === 'kind' ? t.kind : t.display_name),
    (t) => `${t.display_name} ${t.name}`,
  );
  const selected = new Map(tables.filter((t) => ticked.includes(t.name)).map((t) => [t.name, t]));

  return (
    <div className={styles.root}>
      {tables.length > kSearchFrom && !readOnly && <SearchBox value={q} onChange={setQ} label={texts.find_table} placeholder={texts.find_table} />}
      <DataList
        label={segmentsOnly ? texts.select_segments : texts.select_tables}
        layout="rows"
        columns={[
          {
            id: 'name',
            title: texts.column_name,
            width: 'minmax(96px, 1fr)',
            sort: 'name',
            render: (t) => (
              <span className={styles.name} title={t.name}>
                {t.kind === 'segment' ? <PeopleRegular className={styles.icon} /> : <TableRegular className={styles.icon} />}
                {t.display_name}
                <Note note={notes[t.name]} />
              </span>
            ),
          },
          ...(segmentsOnly ? [] : [kKind]),
          {
            id: 'rows',
            title: segmentsOnly ? texts.column_members : texts.column_rows,
            width: '68px',
            sort: 'rows',
            align: 'end',
            render: (t) => (t.rows === null || t.rows === undefined ? '–' : formatNumber(t.rows)),
          },
        ]}
        items={shown}
        error={null}
        onRetry={() => {}}
        id={(t) => t.name}
        name={(t) => t.display_name}
        sort={sort}
        onSort={setSort}
        selection={readOnly ? undefined : { selected, onChange: (next) => onChange([...next.keys()]) }}
        filtered={q !== ''}
        q={q}
        onReset={() => setQ('')}
        empty={<EmptyState title={segmentsOnly ? texts.no_segments : texts.nothing_to_select} />}
      />
      {problem && (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
