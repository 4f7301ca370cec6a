import { useEffect, useRef, type ReactNode } from 'react';
import { useBlocker } from 'react-router';
import { ConfirmDialog } from './confirm-dialog';
import { texts } from '../lib/texts';

/**
 * Asks before entries are lost: on Cancel and the close icon (they navigate away), on links, on the browser's back
 * button and when the tab is closed. `leave` passes the guard, for use after a successful save.
 */
export function useUnsavedGuard(dirty: boolean): { dialog: ReactNode; leave: (go: () => void) => void } {
  const passing = useRef(false);
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      dirty && !passing.current && currentLocation.pathname !== nextLocation.pathname,
  );

  useEffect(() => {
    if (!dirty) return;
    const ask = (event: BeforeUnloadEvent) => {
      if (!passing.current) event.preventDefault();
    };
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [dirty]);

  return {
    leave: (go) => {
      passing.current = true;
      go();
    },
    dialog: (
      <ConfirmDialog
        open={blocker.state === 'blocked'}
        title={texts.discard_title}
        confirm={texts.discard}
        cancel={texts.keep_editing}
        onConfirm={() => blocker.proceed?.()}
        onClose={() => blocker.reset?.()}
      >
        {texts.discard_body}
      </ConfirmDialog>
    ),
  };
}
