import { Button, makeStyles, Tag, TagGroup, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import type { AuditEntry } from '../../api/types';
import { CommandBar, CommandDownload } from '../../components/command-bar';
import { DataList, type Column } from '../../components/data-list';
import { EmptyState } from '../../components/empty-state';
import { ArrowDownloadRegular, EyeRegular, FilterRegular, PersonRegular } from '../../components/icons';
import { PageHeader } from '../../components/page-header';
import { LockedPicture } from '../../components/pictures';
import { RelativeTime } from '../../components/relative-time';
import type { Action } from '../../components/row-menu';
import { SearchBox } from '../../components/search-box';
import { words } from '../../lib/format';
import { useListState } from '../../lib/list-state';
import { downloadPath, kPageSize, useAudit } from './api';
import { AuditFilters } from './audit-filters';
import { eventText, momentOf } from './entry';
import { EntryPane } from './entry-pane';
import { texts } from './texts';

const useStyles = makeStyles({
  link: {
    padding: 0,
    minWidth: 0,
    maxWidth: '100%',
    height: 'auto',
    border: 'none',
    textAlign: 'start',
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground1,
    ':hover': { textDecorationLine: 'underline' },
  },
  tags: { marginBottom: '12px' },
});

const kSort = '-at';
const kFilters = ['event', 'object_kind', 'actor_id', 'object_id', 'from', 'to'];
/** How the server calls what nobody did: the system itself has no id. */
const kSystem = 'system';

function columns(className: string, onOpen: (entry: AuditEntry) => void): Column<AuditEntry>[] {
  return [
    {
      id: 'event',
      title: texts.column.event,
      width: 'minmax(140px, 1.4fr)',
      render: (e) => (
        <Button appearance="transparent" className={className} title={e.event} aria-label={texts.open(eventText(e.event), e.object.name)} onClick={() => onOpen(e)}>
          {eventText(e.event)}
        </Button>
      ),
    },
    { id: 'object', title: texts.column.object, width: 'minmax(130px, 2fr)', render: (e) => <span title={e.object.name}>{e.object.name || words(e.object.kind)}</span> },
    { id: 'actor', title: texts.column.actor, width: 'minmax(100px, 1.2fr)', render: (e) => (e.actor.id ? e.actor.display_name : texts.system) },
    { id: 'at', title: texts.column.at, width: 'minmax(110px, 1fr)', sort: 'at', render: (e) => <RelativeTime at={e.at} /> },
    { id: 'address', title: texts.column.address, width: 'minmax(96px, 0.9fr)', render: (e) => e.address || '–' },
  ];
}

export function AuditPage() {
  const styles = useStyles();
  const list = useListState(kSort, kFilters);
  const [open, setOpen] = useState<AuditEntry | null>(null);
  // Names of what was filtered by, kept for the chips: the address has ids only.
  const [names, setNames] = useState<Record<string, string>>({});
  const value = (name: string) => list.filter(name) || undefined;
  const filter = {
    q: list.q || undefined,
    event: value('event'),
    object_kind: value('object_kind'),
    actor_id: value('actor_id'),
    object_id: value('object_id'),
    from: momentOf(list.filter('from'), false),
    to: momentOf(list.filter('to'), true),
    sort: list.sort,
  };
  const page = useAudit(filter, list.cursor);
  const items = page.data?.items;

  const narrow = (name: 'actor_id' | 'object_id', id: string, label: string) => {
    setNames({ ...names, [id]: label });
    list.setFilter(name, id);
  };

  const actions = (entry: AuditEntry): Action[] => {
    const actor = entry.actor.id ? entry.actor.display_name : texts.system;
    return [
      { label: texts.show, icon: <EyeRegular />, onClick: () => setOpen(entry) },
      { label: texts.only_actor(actor), icon: <PersonRegular />, onClick: () => narrow('actor_id', entry.actor.id ?? kSystem, actor) },
      { label: texts.only_object(entry.object.name), icon: <FilterRegular />, onClick: () => narrow('object_id', entry.object.id, entry.object.name) },
    ];
  };

  const chips = [
    filter.actor_id && {
      name: 'actor_id',
      text: texts.chip_actor(names[filter.actor_id] ?? items?.find((e) => e.actor.id === filter.actor_id)?.actor.display_name ?? texts.this_person),
    },
    filter.object_id && {
      name: 'object_id',
      text: texts.chip_object(names[filter.object_id] ?? items?.find((e) => e.object.id === filter.object_id)?.object.name ?? texts.this_object),
    },
  ].filter((chip) => chip !== undefined && chip !== '');

  return (
    <>
      <PageHeader title={texts.title}>{texts.line}</PageHeader>
      <CommandBar
        label={texts.commands}
        end={<SearchBox value={list.q} onChange={list.setQ} label={texts.search} />}
      >
        <CommandDownload icon={<ArrowDownloadRegular />} href={downloadPath(filter)} download="audit.csv">
          {texts.download}
        </CommandDownload>
      </CommandBar>
      <AuditFilters list={list} />
      {chips.length > 0 && (
        <TagGroup className={styles.tags} aria-label={texts.filters} onDismiss={(_, data) => list.setFilter(data.value, null)}>
          {chips.map((chip) => (
            <Tag key={chip.name} dismissible value={chip.name} dismissIcon={{ 'aria-label': texts.remove_filter }}>
              {chip.text}
            </Tag>
          ))}
        </TagGroup>
      )}
      <DataList
        label={texts.list}
        columns={columns(styles.link, setOpen)}
        items={items}
        error={page.error}
        onRetry={() => void page.refetch()}
        id={(e) => e.id}
        name={(e) => `${eventText(e.event)}, ${e.object.name}`}
        sort={list.sort}
        onSort={list.setSort}
        actions={actions}
        filtered={list.filtered}
        q={list.q}
        onReset={list.reset}
        empty={
          <EmptyState picture={<LockedPicture />} title={texts.empty_title}>
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
      {open && <EntryPane entry={open} onClose={() => setOpen(null)} />}
    </>
  );
}
