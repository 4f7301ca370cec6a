import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  Spinner,
} from '@fluentui/react-components';
import { useEffect, useRef, type ReactNode } from 'react';
import type { Problem } from '../lib/problem';
import { ProblemMessage } from './problem-message';
import { texts } from '../lib/texts';

const useStyles = makeStyles({
  content: { display: 'flex', flexDirection: 'column', gap: '12px' },
});

interface Props {
  open: boolean;
  title: string;
  children?: ReactNode;
  /** Repeats the verb of the action: "Remove", "Disconnect". */
  confirm: string;
  cancel?: string;
  onConfirm: () => void;
  onClose: () => void;
  busy?: boolean;
  blocked?: boolean;
  problem?: Problem | null;
  extra?: ReactNode;
}

export function ConfirmDialog({ open, title, children, confirm, cancel = texts.cancel, onConfirm, onClose, busy, blocked, problem, extra }: Props) {
  const styles = useStyles();
  const cancelButton = useRef<HTMLButtonElement>(null);

  // The kit would start at the first button, which is the one that does the deed.
  useEffect(() => {
    if (!open) return;
    const timer = setTimeout(() => cancelButton.current?.focus());
    return () => clearTimeout(timer);
  }, [open]);

  return (
    <Dialog open={open} modalType="alert" onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{title}</DialogTitle>
          <DialogContent className={styles.content}>
            {children}
            {problem && <ProblemMessage problem={problem} />}
          </DialogContent>
          <DialogActions fluid>
            {extra}
            <Button
              appearance="primary"
              onClick={onConfirm}
              disabled={busy || blocked}
              icon={busy ? <Spinner size="tiny" /> : undefined}
            >
              {confirm}
            </Button>
            <Button ref={cancelButton} onClick={onClose}>
              {cancel}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
