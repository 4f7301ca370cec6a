import { Button, makeStyles, MessageBar, MessageBarBody, Spinner, tokens } from '@fluentui/react-components';
import { useId, useState } from 'react';
import { usePermission } from '../../api/session';
import type { ConnectionType, Export, ExportableTable, UsableConnection } from '../../api/types';
import { PaneContent } from '../../components/pane';
import { ProblemMessage } from '../../components/problem-message';
import { TypeIcon } from '../../components/type-icon';
import { useUnsavedGuard } from '../../components/unsaved-guard';
import { ColumnsPage } from './columns-page';
import { NoConnection } from './no-connection';
import { PayloadPage } from './payload-page';
import { texts } from './texts';
import { useExportDraft } from './use-export-draft';

const useStyles = makeStyles({
  grow: { flexGrow: 1, '@media (max-width: 640px)': { display: 'none' } },
  step: { color: tokens.colorNeutralForeground2, alignSelf: 'center', fontSize: tokens.fontSizeBase200, '@media (max-width: 640px)': { display: 'none' } },
  gaps: { margin: 0, flexBasis: '100%', color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  message: { height: 'auto', marginBottom: '8px' },
});

interface Props {
  types: ConnectionType[];
  usable: UsableConnection[];
  tables: ExportableTable[];
  stored?: Export;
  first?: { connection_id?: string; table?: string };
  onClose: () => void;
  onReload?: () => void;
}

/** Page one: connection, name, what is sent. Page two, where the type allows it: the columns. */
export function ExportForm({ types, usable, tables, stored, first, onClose, onReload }: Props) {
  const styles = useStyles();
  const isAdmin = usePermission('connections_manage');
  const gapsId = useId();
  const [done, setDone] = useState(false);
  const [page, setPage] = useState<1 | 2>(1);
  const readOnly = stored !== undefined && !stored.can.includes('update');
  const state = useExportDraft({
    types,
    usable,
    tables,
    stored,
    first,
    onSaved: () => {
      setDone(true);
      guard.leave(onClose);
    },
  });
  const guard = useUnsavedGuard(state.dirty && !readOnly && !done);
  const hasColumns = state.type?.columns === true && state.draft.tables.length > 0;
  const stale = state.problem?.status === 412;
  const blocked = !stored && usable.length === 0;
  const title = readOnly ? texts.pane_view : stored ? texts.pane_edit : texts.pane_new;

  const save = (
    <Button
      appearance="primary"
      disabled={!state.can_save || state.saving || stale}
      aria-describedby={state.gaps.length > 0 ? gapsId : undefined}
      icon={state.saving ? <Spinner size="tiny" /> : undefined}
      onClick={state.save}
    >
      {texts.save}
    </Button>
  );

  return (
    <PaneContent
      title={title}
      icon={state.type ? <TypeIcon type={state.type.id} size={28} /> : undefined}
      line={stored ? undefined : texts.pane_line}
      onClose={onClose}
      footer={
        <>
          {!readOnly && !blocked && state.gaps.length > 0 && (
            <p id={gapsId} className={styles.gaps}>
              {texts.missing(state.gaps)}
            </p>
          )}
          {page === 2 && <Button onClick={() => setPage(1)}>{texts.back}</Button>}
          {page === 1 && hasColumns && (
            <Button onClick={() => setPage(2)}>{texts.next}</Button>
          )}
          {!readOnly && !blocked && save}
          {hasColumns && <span className={styles.step}>{texts.step(page)}</span>}
          <div className={styles.grow} />
          <Button onClick={onClose}>{readOnly ? texts.close : texts.cancel}</Button>
        </>
      }
    >
      {stale && (
        <MessageBar intent="warning" layout="multiline" className={styles.message} role="alert">
          <MessageBarBody>
            {texts.stale}{' '}
            <Button size="small" onClick={onReload}>
              {texts.reload}
            </Button>
          </MessageBarBody>
        </MessageBar>
      )}
      {state.problem && !stale && state.problem.errors.length === 0 && <ProblemMessage problem={state.problem} />}
      {blocked ? (
        <NoConnection isAdmin={isAdmin} />
      ) : page === 1 ? (
        <PayloadPage state={state} stored={stored} readOnly={readOnly} isAdmin={isAdmin} />
      ) : (
        <ColumnsPage
          tables={state.offered.filter((t) => state.draft.tables.includes(t.name))}
          columns={state.draft.columns}
          readOnly={readOnly}
          onChange={(columns) => state.form.setValue('columns', columns, { shouldDirty: true })}
        />
      )}
      {guard.dialog}
    </PaneContent>
  );
}
