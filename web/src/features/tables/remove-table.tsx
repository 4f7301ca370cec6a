import type { Table } from '../../api/types';
import { ConfirmDialog } from '../../components/confirm-dialog';
import { useNotify } from '../../components/notify';
import { toProblem } from '../../lib/problem';
import { useRemoveTable } from './api';
import { texts } from './texts';

export function RemoveTable({ table, onClose, onRemoved }: { table: Table; onClose: () => void; onRemoved: () => void }) {
  const notify = useNotify();
  const remove = useRemoveTable();
  return (
    <ConfirmDialog
      open
      title={texts.remove_title(table.name)}
      confirm={texts.remove}
      busy={remove.isPending}
      problem={remove.error ? toProblem(remove.error) : null}
      onClose={onClose}
      onConfirm={() =>
        remove.mutate(table, {
          onSuccess: () => {
            notify.success(texts.removed(table.name));
            onRemoved();
          },
        })
      }
    >
      {texts.remove_body}
    </ConfirmDialog>
  );
}
