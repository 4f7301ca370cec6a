import { Badge, Button, makeStyles, mergeClasses } from '@fluentui/react-components';
import { useState } from 'react';
import { Link, Outlet, useNavigate } from 'react-router';
import { usePermission } from '../../api/session';
import type { Table } from '../../api/types';
import { CommandBar } from '../../components/command-bar';
import { DataList, type Column } from '../../components/data-list';
import { EmptyState } from '../../components/empty-state';
import { AddRegular, ArrowSyncRegular, DeleteRegular } from '../../components/icons';
import { useLinkStyles } from '../../components/link-styles';
import { PageHeader } from '../../components/page-header';
import { TablesPicture } from '../../components/pictures';
import { RelativeTime } from '../../components/relative-time';
import type { Action } from '../../components/row-menu';
import { SearchBox } from '../../components/search-box';
import { formatNumber } from '../../lib/format';
import { arrange, useListState } from '../../lib/list-state';
import { useTables } from './api';
import { RemoveTable } from './remove-table';
import { TableState } from './table-state';
import { texts } from './texts';

const useStyles = makeStyles({ name: { display: 'flex', alignItems: 'center', gap: '8px', minWidth: 0 } });

function NameCell({ table }: { table: Table }) {
  const styles = useStyles();
  const link = useLinkStyles();
  return (
    <span className={styles.name}>
      <Link to={`/data/tables/${table.name}`} className={mergeClasses(link.root, link.strong)}>
        {table.name}
      </Link>
      {table.is_customer_table && (
        <Badge appearance="tint" color="brand">
          {texts.customer}
        </Badge>
      )}
    </span>
  );
}

export const sourceOf = (table: Table): string =>
  table.source.filename ?? texts.source_kind[table.source.kind] ?? table.source.kind;

const kColumns: Column<Table>[] = [
  { id: 'name', title: texts.column.name, width: 'minmax(200px, 2fr)', sort: 'name', render: (t) => <NameCell table={t} /> },
  { id: 'source', title: texts.column.source, width: 'minmax(160px, 1.6fr)', sort: 'source', render: (t) => <span title={sourceOf(t)}>{sourceOf(t)}</span> },
  { id: 'rows', title: texts.column.rows, width: 'minmax(90px, 0.6fr)', sort: 'rows', align: 'end', render: (t) => (t.rows === null ? '–' : formatNumber(t.rows)) },
  { id: 'columns', title: texts.column.columns, width: 'minmax(90px, 0.6fr)', sort: 'columns', align: 'end', render: (t) => formatNumber(t.columns.length) },
  { id: 'updated', title: texts.column.updated, width: 'minmax(130px, 1fr)', sort: 'updated', render: (t) => <RelativeTime at={t.updated_at} /> },
  { id: 'status', title: texts.column.status, width: 'minmax(130px, 1fr)', sort: 'status', render: (t) => <TableState table={t} /> },
];

function valueOf(table: Table, column: string): string | number | null {
  switch (column) {
    case 'rows': return table.rows;
    case 'columns': return table.columns.length;
    case 'updated': return table.updated_at;
    case 'status': return table.state;
    case 'source': return sourceOf(table);
    default: return table.name;
  }
}

export function TablesPage() {
  const navigate = useNavigate();
  const mayImport = usePermission('tables_edit');
  const list = useListState('name');
  const tables = useTables();
  const [removing, setRemoving] = useState<Table | null>(null);
  const shown = tables.data && arrange(tables.data, list, valueOf, (t) => `${t.name} ${sourceOf(t)}`);

  const add = mayImport && (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => void navigate('/data/tables/import')}>
      {texts.import}
    </Button>
  );
  const actions = (table: Table): Action[] => [
    ...(table.can.includes('update')
      ? [{ label: texts.import_again, icon: <ArrowSyncRegular />, onClick: () => void navigate(`/data/tables/import?name=${table.name}`) }]
      : []),
    ...(table.can.includes('remove') ? [{ label: texts.remove, icon: <DeleteRegular />, onClick: () => setRemoving(table) }] : []),
  ];

  return (
    <>
      <PageHeader title={texts.title}>{texts.line}</PageHeader>
      <CommandBar label={texts.commands} end={<SearchBox value={list.q} onChange={list.setQ} />}>
        {add}
      </CommandBar>
      <div style={{ height: 12 }} />
      <DataList
        label={texts.list}
        columns={kColumns}
        items={shown}
        error={tables.error}
        onRetry={() => void tables.refetch()}
        id={(t) => t.id}
        name={(t) => t.name}
        sort={list.sort}
        onSort={list.setSort}
        actions={mayImport ? actions : undefined}
        filtered={list.filtered}
        q={list.q}
        onReset={list.reset}
        empty={
          <EmptyState picture={<TablesPicture />} title={texts.empty_title} actions={add}>
            {mayImport ? texts.empty_text : texts.empty_read_only}
          </EmptyState>
        }
      />
      {removing && <RemoveTable table={removing} onClose={() => setRemoving(null)} onRemoved={() => setRemoving(null)} />}
      <Outlet />
    </>
  );
}
