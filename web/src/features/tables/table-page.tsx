import { Badge, makeStyles, mergeClasses, MessageBar, MessageBarBody, MessageBarTitle, Skeleton, SkeletonItem, Tab, TabList } from '@fluentui/react-components';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { usePermission } from '../../api/session';
import type { Table } from '../../api/types';
import { BackLink } from '../../components/back-link';
import { Command, CommandBar } from '../../components/command-bar';
import { ErrorState } from '../../components/error-state';
import { AddRegular, ArrowSyncRegular, DeleteRegular, DocumentRegular, PlayRegular } from '../../components/icons';
import { useLinkStyles } from '../../components/link-styles';
import { useNotify } from '../../components/notify';
import { PageHeader } from '../../components/page-header';
import { RowsGrid } from '../../components/rows-grid';
import { formatNumber } from '../../lib/format';
import { texts as common } from '../../lib/texts';
import { useRefreshTable, useTable, useTableRows } from './api';
import { AttributesList } from './attributes-list';
import { RemoveTable } from './remove-table';
import { SourceDialog } from './source-dialog';
import { TableState } from './table-state';
import { texts } from './texts';

const useStyles = makeStyles({
  tabs: { margin: '12px 0', marginLeft: '-8px' },
  bar: { height: 'auto', marginTop: '12px' },
  line: { margin: '0 0 12px' },
});

function Sample({ table }: { table: Table }) {
  const styles = useStyles();
  const rows = useTableRows(table.name, true);
  if (rows.isError) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  if (!rows.data) return <Skeleton aria-label={common.loading}><SkeletonItem size={128} /></Skeleton>;
  return (
    <>
      <p className={styles.line}>{texts.sample_line(rows.data.rows.length, table.rows)}</p>
      <RowsGrid label={texts.sample} data={rows.data} />
    </>
  );
}

export function TablePage() {
  const styles = useStyles();
  const link = useLinkStyles();
  const navigate = useNavigate();
  const { name = '', tab = 'attributes' } = useParams();
  const table = useTable(name);
  const maySegment = usePermission('segments_edit');
  const [removing, setRemoving] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const refresh = useRefreshTable();
  const notify = useNotify();

  if (table.isError && !table.data) return <ErrorState error={table.error} onRetry={() => void table.refetch()} />;
  const data = table.data;
  const may = (verb: string) => data?.can.includes(verb) ?? false;

  return (
    <>
      <PageHeader
        title={name}
        above={<BackLink to="/data/tables">{texts.back}</BackLink>}
        aside={
          data && (
            <>
              {data.is_customer_table && <Badge appearance="tint" color="brand">{texts.customer}</Badge>}
              <TableState table={data} />
            </>
          )
        }
      >
        {data && data.rows !== null && texts.summary(formatNumber(data.rows), data.columns.length)}
      </PageHeader>
      {data && (may('update') || may('remove') || (data.is_customer_table && maySegment)) && (
        <CommandBar label={texts.commands}>
          {may('update') && (
            <Command icon={<ArrowSyncRegular />} onClick={() => void navigate(`/data/tables/import?name=${name}`)}>
              {texts.import_again}
            </Command>
          )}
          {may('refresh') && (
            <Command
              icon={<PlayRegular />}
              onClick={() =>
                refresh.mutate(name, {
                  onSuccess: () => notify.success(texts.refreshing(name)),
                  onError: (error) => notify.failure(texts.refresh_failed, error),
                })
              }
            >
              {texts.refresh}
            </Command>
          )}
          {may('set_source') && (
            <Command icon={<DocumentRegular />} onClick={() => setChoosing(true)}>
              {texts.source}
            </Command>
          )}
          {data.is_customer_table && maySegment && (
            <Command icon={<AddRegular />} onClick={() => void navigate('/data/segments/new')}>
              {texts.new_segment}
            </Command>
          )}
          {may('remove') && (
            <Command icon={<DeleteRegular />} onClick={() => setRemoving(true)}>
              {texts.remove}
            </Command>
          )}
        </CommandBar>
      )}
      {data && (data.state !== 'ready' || data.error) && (
        <MessageBar intent={data.state === 'importing' ? 'info' : data.state === 'failed' ? 'error' : 'warning'} layout="multiline" className={styles.bar}>
          <MessageBarBody>
            {data.state !== 'importing' ? (
              <>
                <MessageBarTitle>{data.state === 'failed' ? texts.failed_title : texts.failed_kept} </MessageBarTitle>
                {data.error?.detail}
              </>
            ) : (
              texts.importing
            )}{' '}
            {data.last_run && (
              <Link to={`/data/runs/${data.last_run.id}`} className={mergeClasses(link.root, link.inText)}>
                {texts.see_run}
              </Link>
            )}
          </MessageBarBody>
        </MessageBar>
      )}
      <TabList
        className={styles.tabs}
        selectedValue={tab === 'data' ? 'data' : 'attributes'}
        onTabSelect={(_, d) => void navigate(`/data/tables/${name}${d.value === 'data' ? '/data' : ''}`)}
      >
        <Tab value="attributes">{texts.tabs.attributes}</Tab>
        <Tab value="data">{texts.tabs.data}</Tab>
      </TabList>
      {tab === 'data' ? data && <Sample table={data} /> : <AttributesList table={data} />}
      {choosing && data && <SourceDialog table={data} onClose={() => setChoosing(false)} />}
      {removing && data && (
        <RemoveTable table={data} onClose={() => setRemoving(false)} onRemoved={() => void navigate('/data/tables')} />
      )}
    </>
  );
}
