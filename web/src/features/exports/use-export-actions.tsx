import { Link } from '@fluentui/react-components';
import { useState, type ReactNode } from 'react';
import { useNavigate } from 'react-router';
import type { BatchResult, Export } from '../../api/types';
import { BatchResultDialog } from '../../components/batch-results';
import {
  BeakerRegular,
  CalendarClockRegular,
  DeleteRegular,
  EditRegular,
  EyeRegular,
  HistoryRegular,
  PlayRegular,
  PlugDisconnectedRegular,
} from '../../components/icons';
import { useNotify } from '../../components/notify';
import type { Action } from '../../components/row-menu';
import { useDisconnectExport, useExportBatch, useRemoveExport, useRunExport, type Batch } from './api';
import { ConfirmExports, type Deed } from './confirm-exports';
import { DryRunDialog } from './dry-run-dialog';
import { texts } from './texts';

type Asking = { what: Deed; items: Export[] } | null;

/** The pane over the list; the search and the filters of the list stay in the address. */
function schedulePath(items: Export[]): string {
  const params = new URLSearchParams(window.location.search);
  params.set('ids', items.map((item) => item.id).join(','));
  return `/data/exports/schedule?${params.toString()}`;
}

/** What can be done with one export or with several: the same list for the row menu and the command bar. */
export function useExportActions(path: (item: Export) => string, onDone: () => void): { actions: (items: Export[]) => Action[]; dialog: ReactNode } {
  const navigate = useNavigate();
  const notify = useNotify();
  const run = useRunExport();
  const disconnect = useDisconnectExport();
  const remove = useRemoveExport();
  const batch = useExportBatch();
  const [asking, setAsking] = useState<Asking>(null);
  const [busy, setBusy] = useState(false);
  const [trying, setTrying] = useState<Export | null>(null);
  const [partly, setPartly] = useState<{ action: Batch; result: BatchResult } | null>(null);

  async function several(action: Batch, items: Export[]) {
    try {
      const result = await batch.mutateAsync({ action, ids: items.map((item) => item.id) });
      if (result.failed > 0) setPartly({ action, result });
      else notify.success(texts.batch_done[action](result.succeeded));
    } catch (error) {
      notify.failure(texts.batch_failed[action], error);
    }
  }

  async function start(items: Export[]) {
    const [item] = items;
    if (items.length > 1 || !item) return several('run', items);
    try {
      const started = await run.mutateAsync(item.id);
      notify.success(texts.started(item.display_name), <Link onClick={() => void navigate(`/data/runs/${started.id}`)}>{texts.see_run}</Link>);
    } catch (error) {
      notify.failure(texts.start_failed(item.display_name), error);
    }
  }

  async function confirmed({ what, items }: NonNullable<Asking>) {
    const [item] = items;
    setBusy(true);
    if (items.length > 1) {
      await several(what, items);
    } else if (item) {
      try {
        await (what === 'remove' ? remove : disconnect).mutateAsync(item);
        notify.success(what === 'remove' ? texts.removed(item.display_name) : texts.disconnected(item.display_name));
      } catch (error) {
        notify.failure(what === 'remove' ? texts.remove_failed(item.display_name) : texts.disconnect_failed(item.display_name), error);
      }
    }
    setBusy(false);
    setAsking(null);
    onDone();
  }

  const actions = (items: Export[]): Action[] => {
    const only = items.length === 1 ? items[0] : undefined;
    const may = (verb: string) => items.length > 0 && items.every((item) => item.can.includes(verb));
    const all: (Action | false | undefined)[] = [
      only && {
        label: only.can.includes('update') ? texts.edit : texts.view,
        icon: only.can.includes('update') ? <EditRegular /> : <EyeRegular />,
        onClick: () => void navigate(path(only)),
      },
      may('run') && {
        label: texts.run,
        icon: <PlayRegular />,
        // Of several, those without a connection are named in the result.
        disabled: items.every((item) => item.state === 'inactive'),
        onClick: () => void start(items),
      },
      only && only.can.includes('update') && { label: texts.dry_run, icon: <BeakerRegular />, onClick: () => setTrying(only) },
      // Applies to those that may be changed; the others are listed as skipped.
      items.some((item) => item.can.includes('update')) && {
        label: texts.schedule_action,
        icon: <CalendarClockRegular />,
        onClick: () => void navigate(schedulePath(items)),
      },
      only && {
        label: texts.see_runs,
        icon: <HistoryRegular />,
        onClick: () => void navigate(`/data/runs?export_id=${only.id}`),
      },
      may('disconnect') &&
        items.every((item) => item.connection) && {
          label: texts.disconnect,
          icon: <PlugDisconnectedRegular />,
          onClick: () => setAsking({ what: 'disconnect', items }),
        },
      may('remove') && { label: texts.remove, icon: <DeleteRegular />, onClick: () => setAsking({ what: 'remove', items }) },
    ];
    return all.filter((a) => a !== false && a !== undefined);
  };

  const dialog = (
    <>
      {asking && <ConfirmExports {...asking} busy={busy} onClose={() => setAsking(null)} onConfirm={() => void confirmed(asking)} />}
      {trying && <DryRunDialog item={trying} onClose={() => setTrying(null)} />}
      {partly && <BatchResultDialog title={texts.batch_partly[partly.action]} result={partly.result} onClose={() => setPartly(null)} />}
    </>
  );
  return { actions, dialog };
}
