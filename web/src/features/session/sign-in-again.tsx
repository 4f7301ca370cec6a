import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, makeStyles } from '@fluentui/react-components';
import { useEffect, useState } from 'react';
import type { Session } from '../../api/types';
import { onSessionEnded } from '../../lib/http';
import { SignInForm } from './sign-in-form';
import { texts } from './texts';

const useStyles = makeStyles({
  content: { display: 'flex', flexDirection: 'column', gap: '16px' },
  surface: { maxWidth: '440px' },
});

interface Waiting {
  promise: Promise<boolean>;
  resolve: (signedIn: boolean) => void;
}

function newWaiting(): Waiting {
  let resolve: (signedIn: boolean) => void = () => {};
  const promise = new Promise<boolean>((r) => (resolve = r));
  return { promise, resolve };
}

/**
 * When the session ends in the middle of work: a sign-in over the page, which stays as it is. The requests that were
 * refused wait meanwhile and are sent again.
 */
export function SignInAgain({ session }: { session: Session }) {
  const styles = useStyles();
  const [waiting, setWaiting] = useState<Waiting | null>(null);

  useEffect(() => {
    let current: Waiting | null = null;
    return onSessionEnded(() => {
      if (!current) {
        current = newWaiting();
        setWaiting(current);
        void current.promise.finally(() => {
          current = null;
          setWaiting(null);
        });
      }
      return current.promise;
    });
  }, []);

  return (
    <Dialog open={waiting !== null} modalType="alert">
      <DialogSurface className={styles.surface}>
        <DialogBody>
          <DialogTitle>{texts.again_title}</DialogTitle>
          <DialogContent className={styles.content}>
            <span>{texts.again_body}</span>
            <SignInForm email={session.user.email} onSignedIn={() => waiting?.resolve(true)} />
          </DialogContent>
          <DialogActions>
            <Button appearance="transparent" onClick={() => window.location.assign('/sign-in')}>
              {texts.someone_else}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
