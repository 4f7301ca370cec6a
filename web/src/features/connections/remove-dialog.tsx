import { Button, makeStyles, Spinner } from '@fluentui/react-components';
import { useNavigate } from 'react-router';
import type { Connection, Dependants } from '../../api/types';
import { ConfirmDialog } from '../../components/confirm-dialog';
import { useNotify } from '../../components/notify';
import { toProblem } from '../../lib/problem';
import { useDependants, useRemoveConnection } from './api';
import { DependantsList } from './dependants-dialog';
import { texts } from './texts';

const useStyles = makeStyles({ text: { margin: 0 } });

interface Props {
  connection: Connection;
  onClose: () => void;
  onRemoved: () => void;
}

/** Removing is possible only while nothing uses the connection; otherwise the dialog shows what does and leads there. */
export function RemoveDialog({ connection, onClose, onRemoved }: Props) {
  const styles = useStyles();
  const navigate = useNavigate();
  const notify = useNotify();
  const dependants = useDependants(connection.id);
  const remove = useRemoveConnection();

  const refusal = remove.error ? toProblem(remove.error) : null;
  const inUse = refusal?.reason === 'connection.in_use' ? (refusal.extras.dependants as Dependants | undefined) : undefined;
  const users = inUse ?? dependants.data;
  const used = users !== undefined && users.exports.length + users.enrichments.length > 0;

  return (
    <ConfirmDialog
      open
      title={texts.remove_title(connection.display_name)}
      confirm={texts.remove}
      busy={remove.isPending}
      blocked={used || dependants.isPending}
      problem={inUse ? null : (refusal ?? (dependants.error ? toProblem(dependants.error) : null))}
      onClose={onClose}
      onConfirm={() =>
        remove.mutate(connection, {
          onSuccess: () => {
            notify.success(texts.removed(connection.display_name));
            onRemoved();
          },
        })
      }
      extra={
        used && users.exports.length > 0 ? (
          <Button onClick={() => void navigate(`/data/exports?connection_id=${connection.id}`)}>{texts.see_exports}</Button>
        ) : null
      }
    >
      {dependants.isPending && <Spinner size="tiny" label={texts.loading_dependants} labelPosition="after" />}
      {used ? (
        <>
          <p className={styles.text}>{texts.remove_used(users.exports.length, users.enrichments.length)}</p>
          <DependantsList dependants={users} />
        </>
      ) : (
        !dependants.isPending && <p className={styles.text}>{texts.remove_free}</p>
      )}
    </ConfirmDialog>
  );
}
