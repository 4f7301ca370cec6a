import { Button, Link as TextLink } from '@fluentui/react-components';
import { useState } from 'react';
import { Outlet, useNavigate } from 'react-router';
import { usePermission } from '../../api/session';
import type { Export } from '../../api/types';
import { Command, CommandBar } from '../../components/command-bar';
import { DataList } from '../../components/data-list';
import { EmptyState } from '../../components/empty-state';
import { AddRegular } from '../../components/icons';
import { PageHeader } from '../../components/page-header';
import { ExportsPicture } from '../../components/pictures';
import { SearchBox } from '../../components/search-box';
import { useListState } from '../../lib/list-state';
import { kPageSize, useExports } from './api';
import { exportColumns } from './columns';
import { ConnectionFilter } from './connection-filter';
import { RunAll } from './run-all';
import { texts } from './texts';
import { useExportActions } from './use-export-actions';

export function ExportsPage() {
  const navigate = useNavigate();
  const mayAdd = usePermission('exports_edit');
  const list = useListState('display_name', ['connection_id']);
  const connectionId = list.filter('connection_id');
  const page = useExports({ q: list.q, sort: list.sort, connection_id: connectionId || undefined, cursor: list.cursor });
  const [selected, setSelected] = useState<Map<string, Export>>(new Map());

  const path = (item: Export) => `/data/exports/${item.id}${window.location.search}`;
  const { actions, dialog } = useExportActions(path, () => setSelected(new Map()));
  // What was ticked, as it is now: rights and connection may have changed since.
  const current = new Map(page.data?.items.map((item) => [item.id, item]));
  const chosen = [...selected.values()].map((item) => current.get(item.id) ?? item);

  const add = (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => void navigate('/data/exports/new')}>
      {texts.add}
    </Button>
  );

  return (
    <>
      <PageHeader title={texts.title}>
        {texts.line}{' '}
        <TextLink href="/help" target="_blank" inline>
          {texts.learn_more}
        </TextLink>
      </PageHeader>
      <CommandBar
        label={texts.commands}
        selected={selected.size}
        onClearSelection={() => setSelected(new Map())}
        end={<SearchBox value={list.q} onChange={list.setQ} />}
      >
        {mayAdd && add}
        {mayAdd && chosen.length === 0 && (page.data?.items.length ?? 0) > 0 && <RunAll />}
        {chosen.length > 0 &&
          actions(chosen).map((a) => (
            <Command
              key={a.label}
              icon={a.icon!}
              onClick={a.onClick}
              disabled={a.disabled}
              title={a.label === texts.disconnect ? texts.detach_hint : undefined}
            >
              {a.label}
            </Command>
          ))}
      </CommandBar>
      <div style={{ height: 12 }} />
      {connectionId && <ConnectionFilter items={page.data?.items} connectionId={connectionId} onRemove={() => list.setFilter('connection_id', null)} />}
      <DataList
        label={texts.list}
        columns={exportColumns(path)}
        items={page.data?.items}
        error={page.error}
        onRetry={() => void page.refetch()}
        id={(e) => e.id}
        name={(e) => e.display_name}
        sort={list.sort}
        onSort={list.setSort}
        selection={{ selected, onChange: setSelected }}
        actions={(item) => actions([item])}
        filtered={list.filtered}
        q={list.q}
        onReset={list.reset}
        empty={
          <EmptyState picture={<ExportsPicture />} title={texts.empty_title} actions={mayAdd ? add : null}>
            {mayAdd ? texts.empty_text : texts.empty_read_only}
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
      {dialog}
      <Outlet />
    </>
  );
}
