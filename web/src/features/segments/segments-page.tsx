import { Button, mergeClasses } from '@fluentui/react-components';
import { Link, Outlet, useNavigate } from 'react-router';
import { usePermission } from '../../api/session';
import type { Segment } from '../../api/types';
import { Command, CommandBar } from '../../components/command-bar';
import { DataList, type Column } from '../../components/data-list';
import { EmptyState } from '../../components/empty-state';
import { AddRegular, CloudArrowUpRegular } from '../../components/icons';
import { useLinkStyles } from '../../components/link-styles';
import { PageHeader } from '../../components/page-header';
import { SegmentsPicture } from '../../components/pictures';
import { RelativeTime } from '../../components/relative-time';
import { SearchBox } from '../../components/search-box';
import { StatusCell } from '../../components/status-cell';
import { formatNumber } from '../../lib/format';
import { arrange, useListState } from '../../lib/list-state';
import { useSegments } from './api';
import { texts } from './texts';
import { useSegmentActions } from './use-segment-actions';

function NameCell({ segment }: { segment: Segment }) {
  const link = useLinkStyles();
  return (
    <Link to={`/data/segments/${segment.id}`} className={mergeClasses(link.root, link.strong)} title={segment.display_name}>
      {segment.display_name}
    </Link>
  );
}

export function SegmentStatus({ segment }: { segment: Segment }) {
  if (segment.state === 'inactive') return <StatusCell tone="stopped">{texts.state.inactive}</StatusCell>;
  return <StatusCell tone={segment.status === 'failed' ? 'danger' : 'success'}>{texts.status[segment.status] ?? segment.status}</StatusCell>;
}

const kColumns: Column<Segment>[] = [
  { id: 'name', title: texts.column.name, width: 'minmax(200px, 2fr)', sort: 'name', render: (s) => <NameCell segment={s} /> },
  { id: 'kind', title: texts.column.kind, width: 'minmax(90px, 0.7fr)', sort: 'kind', render: (s) => texts.kind[s.kind] },
  {
    id: 'members',
    title: texts.column.members,
    width: 'minmax(100px, 0.7fr)',
    sort: 'members',
    align: 'end',
    render: (s) => (s.members === null ? '–' : formatNumber(s.members)),
  },
  { id: 'exports', title: texts.column.exports, width: 'minmax(130px, 0.8fr)', sort: 'exports', align: 'end', render: (s) => formatNumber(s.exports) },
  { id: 'refreshed', title: texts.column.refreshed, width: 'minmax(130px, 1fr)', sort: 'refreshed', render: (s) => <RelativeTime at={s.refreshed_at} /> },
  { id: 'status', title: texts.column.status, width: 'minmax(120px, 1fr)', sort: 'status', render: (s) => <SegmentStatus segment={s} /> },
];

function valueOf(s: Segment, column: string): string | number | null {
  switch (column) {
    case 'members': return s.members;
    case 'exports': return s.exports;
    case 'refreshed': return s.refreshed_at;
    case 'kind': return s.kind;
    case 'status': return s.status;
    default: return s.display_name;
  }
}

export function SegmentsPage() {
  const navigate = useNavigate();
  const mayEdit = usePermission('segments_edit');
  const list = useListState('name');
  const segments = useSegments();
  const { actions, dialog } = useSegmentActions(() => {});
  const add = mayEdit && (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => void navigate('/data/segments/new')}>
      {texts.add}
    </Button>
  );
  return (
    <>
      <PageHeader title={texts.title}>{texts.line}</PageHeader>
      <CommandBar label={texts.commands} end={<SearchBox value={list.q} onChange={list.setQ} />}>
        {add}
        {mayEdit && (
          <Command icon={<CloudArrowUpRegular />} onClick={() => void navigate('/data/segments/import')}>
            {texts.import}
          </Command>
        )}
      </CommandBar>
      <div style={{ height: 12 }} />
      <DataList
        label={texts.list}
        columns={kColumns}
        items={segments.data && arrange(segments.data, list, valueOf, (s) => `${s.display_name} ${s.name}`)}
        error={segments.error}
        onRetry={() => void segments.refetch()}
        id={(s) => s.id}
        name={(s) => s.display_name}
        sort={list.sort}
        onSort={list.setSort}
        actions={mayEdit ? actions : undefined}
        filtered={list.filtered}
        q={list.q}
        onReset={list.reset}
        empty={
          <EmptyState picture={<SegmentsPicture />} title={texts.empty_title} actions={add}>
            {mayEdit ? texts.empty_text : texts.empty_read_only}
          </EmptyState>
        }
      />
      {dialog}
      <Outlet />
    </>
  );
}
