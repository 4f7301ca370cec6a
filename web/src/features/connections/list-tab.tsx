import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { Connection, ConnectionKind } from '../../api/types';
import { Command, CommandBar } from '../../components/command-bar';
import { DataList } from '../../components/data-list';
import { EmptyState } from '../../components/empty-state';
import { ArrowSyncRegular, DeleteRegular, EditRegular, LinkRegular } from '../../components/icons';
import { useNotify } from '../../components/notify';
import { ConnectionsPicture } from '../../components/pictures';
import type { Action } from '../../components/row-menu';
import { SearchBox } from '../../components/search-box';
import { useListState } from '../../lib/list-state';
import { AddConnectionMenu } from './add-connection-menu';
import { kPageSize, useConnections, useVerifyConnection } from './api';
import { connectionColumns } from './columns';
import { DependantsDialog } from './dependants-dialog';
import { RemoveDialog } from './remove-dialog';
import { texts } from './texts';

type Open = { what: 'remove' | 'dependants'; connection: Connection } | null;

export function ListTab({ kind }: { kind: ConnectionKind }) {
  const navigate = useNavigate();
  const notify = useNotify();
  const list = useListState('display_name');
  const page = useConnections({ serves: kind, q: list.q, sort: list.sort, cursor: list.cursor });
  const verify = useVerifyConnection();
  const [selected, setSelected] = useState<Map<string, Connection>>(new Map());
  const [open, setOpen] = useState<Open>(null);

  const path = kind === 'export' ? '/admin/connections/exports' : '/admin/connections/enrichments';
  const editPath = (connection: Connection) => `${path}/${connection.id}${window.location.search}`;

  const verifyNow = (connection: Connection) =>
    verify.mutate(connection.id, {
      onSuccess: (result) =>
        result.result === 'failed'
          ? notify.failure(
              texts.verify_not_passed(connection.display_name),
              new Error(result.steps.find((s) => s.state === 'failed')?.detail ?? texts.not_tested),
            )
          : notify.success(texts.verify_passed(connection.display_name)),
      onError: (error) => notify.failure(texts.verify_failed, error),
    });

  const actions = (connection: Connection): Action[] => {
    const may = (verb: string) => connection.can.includes(verb);
    const all: (Action | false)[] = [
      may('update') && { label: texts.edit, icon: <EditRegular />, onClick: () => void navigate(editPath(connection)) },
      may('verify') && { label: texts.verify_now, icon: <ArrowSyncRegular />, onClick: () => verifyNow(connection) },
      { label: texts.see_dependants, icon: <LinkRegular />, onClick: () => setOpen({ what: 'dependants', connection }) },
      may('remove') && { label: texts.remove, icon: <DeleteRegular />, onClick: () => setOpen({ what: 'remove', connection }) },
    ];
    return all.filter((a) => a !== false);
  };

  const chosen = [...selected.values()];
  const commands = chosen.length === 1 ? actions(chosen[0]!) : [];

  return (
    <>
      <CommandBar
        label={texts.commands}
        selected={selected.size}
        onClearSelection={() => setSelected(new Map())}
        end={<SearchBox value={list.q} onChange={list.setQ} />}
      >
        <AddConnectionMenu />
        {commands.map((c) => (
          <Command key={c.label} icon={c.icon!} onClick={c.onClick}>
            {c.label}
          </Command>
        ))}
      </CommandBar>
      <div style={{ height: 12 }} />
      <DataList
        label={texts.list_label(texts.kinds[kind])}
        columns={connectionColumns(editPath)}
        items={page.data?.items}
        error={page.error}
        onRetry={() => void page.refetch()}
        id={(c) => c.id}
        name={(c) => c.display_name}
        sort={list.sort}
        onSort={list.setSort}
        selection={{ selected, onChange: setSelected }}
        actions={actions}
        filtered={list.filtered}
        q={list.q}
        onReset={list.reset}
        empty={
          <EmptyState picture={<ConnectionsPicture />} title={texts.empty_title} actions={<AddConnectionMenu />}>
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
      {open?.what === 'remove' && (
        <RemoveDialog
          connection={open.connection}
          onClose={() => setOpen(null)}
          onRemoved={() => {
            setOpen(null);
            setSelected(new Map());
          }}
        />
      )}
      {open?.what === 'dependants' && <DependantsDialog connection={open.connection} onClose={() => setOpen(null)} />}
    </>
  );
}
