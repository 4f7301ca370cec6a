import { Badge, makeStyles, ProgressBar, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import type { Column, Table } from '../../api/types';
import { DataList, type Column as ListColumn } from '../../components/data-list';
import { formatNumber } from '../../lib/format';
import { arrange } from '../../lib/list-state';
import { texts } from './texts';

const useStyles = makeStyles({
  name: { display: 'flex', gap: '8px', alignItems: 'center', fontWeight: tokens.fontWeightSemibold },
  filled: { display: 'flex', alignItems: 'center', gap: '10px', width: '100%', maxWidth: '220px' },
  percent: { fontVariantNumeric: 'tabular-nums', width: '44px', textAlign: 'end', flexShrink: 0 },
});

const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });

function Filled({ column, rows }: { column: Column; rows: number | null }) {
  const styles = useStyles();
  if (!rows || column.nulls === undefined) return <>–</>;
  // Rounded down: a column with a single gap is not full.
  const share = Math.floor((1 - column.nulls / rows) * 1000) / 1000;
  return (
    <span className={styles.filled}>
      <ProgressBar value={share} aria-hidden />
      <span className={styles.percent}>{percent.format(share)}</span>
    </span>
  );
}

function NameCell({ column }: { column: Column }) {
  const styles = useStyles();
  return (
    <span className={styles.name}>
      {column.name}
      {column.key && (
        <Badge appearance="outline" color="informative">
          {texts.key}
        </Badge>
      )}
    </span>
  );
}

export function AttributesList({ table }: { table: Table | undefined }) {
  const [sort, setSort] = useState('');
  const columns: ListColumn<Column>[] = [
    { id: 'name', title: texts.attribute.name, width: 'minmax(180px, 1.5fr)', sort: 'name', render: (c) => <NameCell column={c} /> },
    { id: 'type', title: texts.attribute.type, width: 'minmax(140px, 1fr)', sort: 'type', render: (c) => texts.type[c.type] ?? c.type },
    { id: 'filled', title: texts.attribute.share, width: 'minmax(180px, 1fr)', render: (c) => <Filled column={c} rows={table?.rows ?? null} /> },
    {
      id: 'empty',
      title: texts.attribute.empty,
      width: 'minmax(110px, 0.6fr)',
      sort: 'nulls',
      align: 'end',
      render: (c) => (c.nulls === undefined ? '–' : formatNumber(c.nulls)),
    },
  ];
  const items =
    table && (sort ? arrange(table.columns, { q: '', sort }, (c, by) => (by === 'nulls' ? (c.nulls ?? 0) : by === 'type' ? c.type : c.name), (c) => c.name) : table.columns);
  return (
    <DataList
      label={texts.tabs.attributes}
      columns={columns}
      items={items}
      error={null}
      onRetry={() => {}}
      id={(c) => c.name}
      name={(c) => c.name}
      sort={sort}
      onSort={setSort}
      empty={null}
    />
  );
}
