import {
  Link,
  makeStyles,
  Toast,
  ToastBody,
  Toaster,
  ToastTitle,
  ToastTrigger,
  useId,
  useToastController,
} from '@fluentui/react-components';
import { createContext, useCallback, useContext, useMemo, type ReactNode } from 'react';
import { toProblem } from '../lib/problem';
import { RequestId } from './problem-message';
import { texts } from '../lib/texts';

const useStyles = makeStyles({ body: { overflowWrap: 'anywhere' } });

interface Notify {
  success: (title: string, more?: ReactNode) => void;
  /** Names what failed; the server's words and the request id stand below. */
  failure: (title: string, error: unknown) => void;
}

const NotifyContext = createContext<Notify>({ success: () => {}, failure: () => {} });

export const useNotify = (): Notify => useContext(NotifyContext);

export function NotifyProvider({ children }: { children: ReactNode }) {
  const styles = useStyles();
  const toaster = useId('toaster');
  const { dispatchToast } = useToastController(toaster);

  const show = useCallback(
    (intent: 'success' | 'error', title: string, body?: ReactNode) =>
      dispatchToast(
        <Toast>
          <ToastTitle
            action={
              <ToastTrigger>
                <Link>{texts.close}</Link>
              </ToastTrigger>
            }
          >
            {title}
          </ToastTitle>
          {body && <ToastBody className={styles.body}>{body}</ToastBody>}
        </Toast>,
        { intent, timeout: intent === 'error' ? 12_000 : 5_000 },
      ),
    [dispatchToast, styles.body],
  );

  const notify = useMemo<Notify>(
    () => ({
      success: (title, more) => show('success', title, more),
      failure: (title, error) => {
        const problem = toProblem(error);
        show('error', title, <>{problem.detail}<RequestId problem={problem} /></>);
      },
    }),
    [show],
  );

  return (
    <NotifyContext.Provider value={notify}>
      {children}
      <Toaster toasterId={toaster} position="bottom-end" pauseOnHover pauseOnWindowBlur />
    </NotifyContext.Provider>
  );
}
