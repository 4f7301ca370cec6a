import { Button, makeStyles, Tag, TagGroup } from '@fluentui/react-components';
import { useNavigate } from 'react-router';
import { useRuns } from '../../api/runs';
import { CommandBar, CommandDownload } from '../../components/command-bar';
import { DataList } from '../../components/data-list';
import { EmptyState } from '../../components/empty-state';
import { ArrowDownloadRegular } from '../../components/icons';
import { PageHeader } from '../../components/page-header';
import { RunsPicture } from '../../components/pictures';
import { SelectField } from '../../components/select-field';
import { API, query } from '../../lib/http';
import { useListState } from '../../lib/list-state';
import { texts as common } from '../../lib/texts';
import { runColumns } from './columns';
import { texts } from './texts';

const useStyles = makeStyles({
  select: { width: '210px', '@media (max-width: 640px)': { width: '100%' } },
  tags: { marginBottom: '12px' },
});

const kPageSize = 50;
const kFilters = ['export_id', 'kind', 'state', 'trigger'];

export function RunsPage() {
  const styles = useStyles();
  const navigate = useNavigate();
  const list = useListState('-queued_at', kFilters);
  const [exportId, kind, state, trigger] = kFilters.map((name) => list.filter(name) || undefined);
  const filter = { export_id: exportId, kind, state, trigger, sort: list.sort };
  const page = useRuns({ ...filter, cursor: list.cursor, limit: kPageSize });
  const exportName = page.data?.items[0]?.subject.display_name ?? texts.this_export;

  return (
    <>
      <PageHeader title={texts.title}>{texts.line}</PageHeader>
      <CommandBar
        label={texts.commands}
        end={
          <CommandDownload icon={<ArrowDownloadRegular />} href={`${API}/runs${query({ ...filter, format: 'csv' })}`} download="runs.csv">
            {texts.download_csv}
          </CommandDownload>
        }
      >
        <SelectField
          className={styles.select}
          aria-label={texts.filter_state}
          value={state ?? ''}
          choices={[{ value: '', title: texts.all_states }, ...Object.entries(common.run_state).map(([value, title]) => ({ value, title }))]}
          onChange={(value) => list.setFilter('state', value)}
        />
        {!exportId && (
          <SelectField
            className={styles.select}
            aria-label={texts.filter_kind}
            value={kind ?? ''}
            choices={[{ value: '', title: texts.all_kinds }, ...Object.entries(texts.kind).map(([value, title]) => ({ value, title }))]}
            onChange={(value) => list.setFilter('kind', value)}
          />
        )}
        <SelectField
          className={styles.select}
          aria-label={texts.filter_trigger}
          value={trigger ?? ''}
          choices={[{ value: '', title: texts.all_triggers }, ...Object.entries(texts.triggers).map(([value, title]) => ({ value, title }))]}
          onChange={(value) => list.setFilter('trigger', value)}
        />
      </CommandBar>
      <div style={{ height: 12 }} />
      {exportId && (
        <TagGroup className={styles.tags} onDismiss={() => list.setFilter('export_id', null)} aria-label={texts.only_export(exportName)}>
          <Tag dismissible value={exportId} dismissIcon={{ 'aria-label': texts.remove_filter }}>
            {texts.only_export(exportName)}
          </Tag>
        </TagGroup>
      )}
      <DataList
        label={texts.list}
        columns={runColumns}
        items={page.data?.items}
        error={page.error}
        onRetry={() => void page.refetch()}
        id={(r) => r.id}
        name={(r) => r.subject.display_name}
        sort={list.sort}
        onSort={list.setSort}
        filtered={list.filtered}
        onReset={list.reset}
        empty={
          <EmptyState
            picture={<RunsPicture />}
            title={texts.empty_title}
            actions={<Button onClick={() => void navigate('/data/exports')}>{texts.to_exports}</Button>}
          >
            {texts.empty_text}
          </EmptyState>
        }
        paging={{
          page: list.page,
          page_size: kPageSize,
          total: page.data?.total,
          next_cursor: page.data?.next_cursor ?? null,
          onNext: list.next,
          onBack: list.back,
        }}
      />
    </>
  );
}
