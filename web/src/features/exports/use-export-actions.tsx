import { Link } from '@fluentui/react-components';
import { useState, type ReactNode } from 'react';
import { useNavigate } from 'react-router';
import type { Export } from '../../api/types';
import { ConfirmDialog } from '../../components/confirm-dialog';
import { DeleteRegular, EditRegular, EyeRegular, HistoryRegular, PlayRegular, PlugDisconnectedRegular } from '../../components/icons';
import { useNotify } from '../../components/notify';
import type { Action } from '../../components/row-menu';
import { useDisconnectExport, useRemoveExport, useRunExport } from './api';
import { texts } from './texts';

type Asking = { what: 'disconnect' | 'remove'; items: Export[] } | null;

/** What can be done with one export or with several: the same list for the row menu and the command bar. */
export function useExportActions(path: (item: Export) => string, onDone: () => void): { actions: (items: Export[]) => Action[]; dialog: ReactNode } {
  const navigate = useNavigate();
  const notify = useNotify();
  const run = useRunExport();
  const disconnect = useDisconnectExport();
  const remove = useRemoveExport();
  const [asking, setAsking] = useState<Asking>(null);
  const [busy, setBusy] = useState(false);

  async function start(items: Export[]) {
    for (const item of items) {
      try {
        const started = await run.mutateAsync(item.id);
        notify.success(
          texts.started(item.display_name),
          <Link onClick={() => void navigate(`/data/runs/${started.id}`)}>{texts.see_run}</Link>,
        );
      } catch (error) {
        notify.failure(texts.start_failed(item.display_name), error);
      }
    }
  }

  /** One after the other; each reports for itself. */
  async function confirmed({ what, items }: NonNullable<Asking>) {
    setBusy(true);
    for (const item of items) {
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
        disabled: items.some((item) => item.state === 'inactive'),
        onClick: () => void start(items),
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

  const names = asking?.items.map((item) => item.display_name) ?? [];
  const dialog = asking && (
    <ConfirmDialog
      open
      title={asking.what === 'remove' ? texts.remove_title(names) : texts.disconnect_title(names)}
      confirm={asking.what === 'remove' ? texts.remove : texts.disconnect}
      busy={busy}
      onClose={() => setAsking(null)}
      onConfirm={() => void confirmed(asking)}
    >
      <span>{asking.what === 'remove' ? texts.remove_body : texts.disconnect_body(names.length)}</span>
      {names.length > 1 && (
        <ul style={{ margin: 0 }}>
          {names.map((name) => (
            <li key={name}>{name}</li>
          ))}
        </ul>
      )}
    </ConfirmDialog>
  );
  return { actions, dialog };
}
