import { useState, type ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { usePermission } from '../../api/session';
import type { Segment } from '../../api/types';
import { ConfirmDialog } from '../../components/confirm-dialog';
import { ArrowDownloadRegular, ArrowExportRegular, ArrowSyncRegular, DeleteRegular, EditRegular } from '../../components/icons';
import { useNotify } from '../../components/notify';
import type { Action } from '../../components/row-menu';
import { toProblem } from '../../lib/problem';
import { useRefreshSegment, useRemoveSegment } from './api';
import { texts } from './texts';

/** What can be done with a segment, for the list and for its page. */
export function useSegmentActions(onRemoved: () => void): { actions: (segment: Segment) => Action[]; dialog: ReactNode } {
  const navigate = useNavigate();
  const notify = useNotify();
  const mayExport = usePermission('exports_edit');
  const refresh = useRefreshSegment();
  const remove = useRemoveSegment();
  const [removing, setRemoving] = useState<Segment | null>(null);

  const actions = (segment: Segment): Action[] => {
    const may = (verb: string) => segment.can.includes(verb);
    const all: (Action | false)[] = [
      may('update') &&
        segment.kind === 'rule' && { label: texts.edit, icon: <EditRegular />, onClick: () => void navigate(`/data/segments/${segment.id}/edit`) },
      may('refresh') && {
        label: texts.refresh,
        icon: <ArrowSyncRegular />,
        onClick: () =>
          refresh.mutate(segment.id, {
            onSuccess: () => notify.success(texts.refreshed(segment.display_name)),
            onError: (error) => notify.failure(texts.refresh_failed(segment.display_name), error),
          }),
      },
      may('download') && {
        label: texts.download,
        icon: <ArrowDownloadRegular />,
        // The browser takes the answer as a file, so the page stays.
        onClick: () => window.location.assign(`/api/v1/segments/${segment.id}/members`),
      },
      mayExport && {
        label: texts.export,
        icon: <ArrowExportRegular />,
        onClick: () => void navigate(`/data/exports/new?table=${encodeURIComponent(segment.name)}`),
      },
      may('remove') && { label: texts.remove, icon: <DeleteRegular />, onClick: () => setRemoving(segment) },
    ];
    return all.filter((a) => a !== false);
  };

  const dialog = removing && (
    <ConfirmDialog
      open
      title={texts.remove_title(removing.display_name)}
      confirm={texts.remove}
      busy={remove.isPending}
      problem={remove.error ? toProblem(remove.error) : null}
      onClose={() => {
        remove.reset();
        setRemoving(null);
      }}
      onConfirm={() =>
        remove.mutate(removing, {
          onSuccess: () => {
            notify.success(texts.removed(removing.display_name));
            setRemoving(null);
            onRemoved();
          },
        })
      }
    >
      {removing.exports > 0 ? texts.remove_used(removing.exports) : texts.remove_body}
    </ConfirmDialog>
  );
  return { actions, dialog };
}
