import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Skeleton,
  SkeletonItem,
  tokens,
} from '@fluentui/react-components';
import type { DryRun, Export } from '../../api/types';
import { ErrorState } from '../../components/error-state';
import { texts as common } from '../../lib/texts';
import { useDryRun } from './api';
import { DryRunRows, FirstBytes } from './dry-run-rows';
import { texts } from './texts';

const useStyles = makeStyles({
  surface: { maxWidth: '760px' },
  content: { display: 'flex', flexDirection: 'column', gap: '16px' },
  table: { display: 'flex', flexDirection: 'column', gap: '4px', minWidth: 0 },
  name: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  line: { margin: 0, color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' },
  bar: { height: 'auto' },
});

function TableOf({ table }: { table: DryRun['tables'][number] }) {
  const styles = useStyles();
  return (
    <section className={styles.table} aria-label={table.name}>
      <h3 className={styles.name}>{table.name}</h3>
      {table.state === 'missing' ? (
        <p className={styles.line}>{texts.dry_run_missing}</p>
      ) : table.state === 'refused' ? (
        <p className={styles.line}>
          {texts.dry_run_refused} {table.detail}
        </p>
      ) : table.counts ? (
        <DryRunRows table={table} counts={table.counts} />
      ) : (
        <>
          <p className={styles.line}>
            {table.state === 'empty' ? texts.dry_run_empty : texts.rows_sent(table.rows)}, {texts.dry_run_columns(table.columns.length)}
          </p>
          <p className={styles.line}>{texts.dry_run_files(table.files.length, table.files[0] ?? '')}</p>
          <FirstBytes label={texts.dry_run_bytes(table.name)}>{table.first_bytes}</FirstBytes>
        </>
      )}
    </section>
  );
}

function summary(data: DryRun): string {
  const counted = data.tables.filter((t) => t.counts);
  if (counted.length === 0) return texts.dry_run_line(data.rows, data.tables.filter((t) => t.state !== 'missing').length);
  const sum = (name: 'to_send' | 'removed' | 'rows_read') => counted.reduce((n, t) => n + (t.counts?.[name] ?? 0), 0);
  return texts.dry_run_rows_line(sum('to_send'), sum('removed'), sum('rows_read'));
}

/** What a run would deliver at this moment, without delivering it (BEY-09). */
export function DryRunDialog({ item, onClose }: { item: Export; onClose: () => void }) {
  const styles = useStyles();
  const dryRun = useDryRun(item.id);
  const data = dryRun.data;
  return (
    <Dialog open onOpenChange={(_, d) => !d.open && onClose()}>
      <DialogSurface className={styles.surface}>
        <DialogBody>
          <DialogTitle>{texts.dry_run_title(item.display_name)}</DialogTitle>
          <DialogContent className={styles.content}>
            {dryRun.isError ? (
              <ErrorState error={dryRun.error} onRetry={() => void dryRun.refetch()} />
            ) : !data ? (
              <Skeleton aria-label={common.loading}>
                <SkeletonItem size={96} />
              </Skeleton>
            ) : (
              <>
                <p className={styles.line}>{summary(data)}</p>
                {data.needs_approval && (
                  <MessageBar intent="warning" layout="multiline" className={styles.bar}>
                    <MessageBarBody>
                      <MessageBarTitle>{texts.dry_run_approval} </MessageBarTitle>
                      {data.needs_approval.detail}
                    </MessageBarBody>
                  </MessageBar>
                )}
                {data.tables.map((table) => (
                  <TableOf key={table.name} table={table} />
                ))}
              </>
            )}
          </DialogContent>
          <DialogActions>
            <Button appearance="primary" onClick={onClose}>
              {texts.close}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
