import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, makeStyles, tokens } from '@fluentui/react-components';
import type { BatchItem, BatchResult } from '../api/types';
import { texts } from '../lib/texts';
import { StatusCell } from './status-cell';

const useStyles = makeStyles({
  line: { margin: '0 0 12px' },
  list: { listStyleType: 'none', margin: 0, padding: 0, maxHeight: '50vh', overflowY: 'auto' },
  item: {
    display: 'flex',
    flexDirection: 'column',
    gap: '2px',
    padding: '8px 0',
    overflowWrap: 'anywhere',
    borderTop: `1px solid ${tokens.colorNeutralStroke3}`,
  },
  why: { color: tokens.colorNeutralForeground2, paddingLeft: '22px' },
});

/** What became of each item of an action on several: those that did not go through first, with the server's reason. */
export function BatchResults({ result }: { result: BatchResult }) {
  const styles = useStyles();
  const items: BatchItem[] = [...result.items].sort((a, b) => Number(a.ok) - Number(b.ok));
  return (
    <>
      <p className={styles.line} role="status">
        {texts.batch_line(result.succeeded, result.items.length)}
      </p>
      {/* The list may scroll, so the keyboard must be able to reach it. */}
      <ul className={styles.list} tabIndex={0} aria-label={texts.batch_list}>
        {items.map((item) => (
          <li key={item.id} className={styles.item}>
            <StatusCell tone={item.ok ? 'success' : 'warning'}>{item.display_name || item.id}</StatusCell>
            {item.error && <span className={styles.why}>{item.error.detail || item.error.reason}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}

export function BatchResultDialog({ title, result, onClose }: { title: string; result: BatchResult; onClose: () => void }) {
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{title}</DialogTitle>
          <DialogContent>
            <BatchResults result={result} />
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
