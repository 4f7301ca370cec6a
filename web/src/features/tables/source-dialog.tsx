import { Field, Input, makeStyles } from '@fluentui/react-components';
import { useState } from 'react';
import type { Table } from '../../api/types';
import { ConfirmDialog } from '../../components/confirm-dialog';
import { useNotify } from '../../components/notify';
import { toProblem } from '../../lib/problem';
import { useSetSource } from './api';
import { texts } from './texts';

const useStyles = makeStyles({ field: { marginTop: '16px' } });

/** Names the file from which the system refresh reads a table again. */
export function SourceDialog({ table, onClose }: { table: Table; onClose: () => void }) {
  const styles = useStyles();
  const notify = useNotify();
  const set = useSetSource();
  const [path, setPath] = useState(table.refresh?.path ?? '');
  const save = () =>
    set.mutate(
      { table, path: path.trim() || null },
      {
        onSuccess: () => {
          notify.success(path.trim() ? texts.source_saved(table.name) : texts.source_removed(table.name));
          onClose();
        },
      },
    );
  return (
    <ConfirmDialog
      open
      title={texts.source_title(table.name)}
      confirm={texts.source_save}
      busy={set.isPending}
      problem={set.error ? toProblem(set.error) : null}
      onClose={onClose}
      onConfirm={save}
    >
      {texts.source_line}
      <Field label={texts.source_path} hint={texts.source_hint} className={styles.field}>
        <Input value={path} onChange={(_, d) => setPath(d.value)} onKeyDown={(e) => e.key === 'Enter' && save()} />
      </Field>
    </ConfirmDialog>
  );
}
