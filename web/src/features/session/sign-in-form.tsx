import { Button, Field, Input, makeStyles, MessageBar, MessageBarBody, Spinner } from '@fluentui/react-components';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import type { Session } from '../../api/types';
import { EyeOffRegular, EyeRegular } from '../../components/icons';
import { toProblem, type Problem } from '../../lib/problem';
import { useSignIn } from './api';
import { texts } from './texts';

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: '16px' },
  message: { height: 'auto' },
  submit: { marginTop: '8px' },
});

/** Seconds left until the next attempt, counting down. */
function useWait(problem: Problem | null): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const until = Date.now() + (problem?.retry_after_seconds ?? 0) * 1000;
    const tell = () => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1000)));
    tell();
    if (!problem?.retry_after_seconds) return;
    const timer = setInterval(tell, 1000);
    return () => clearInterval(timer);
  }, [problem]);
  return left;
}

function message(problem: Problem, wait: number): string {
  if (problem.status === 429) return texts.throttled(wait);
  return problem.status === 401 ? texts.refused : problem.detail;
}

interface Props {
  onSignedIn: (session: Session) => void;
  /** Fixed when somebody signs in again in the middle of work. */
  email?: string;
}

export function SignInForm({ onSignedIn, email }: Props) {
  const styles = useStyles();
  const signIn = useSignIn();
  const [shown, setShown] = useState(false);
  const problem = signIn.error ? toProblem(signIn.error) : null;
  const wait = useWait(problem);
  const [values, setValues] = useState({ email: email ?? '', password: '' });
  const password = useRef<HTMLInputElement>(null);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate(values, {
      onSuccess: onSignedIn,
      onError: () => {
        setValues({ ...values, password: '' });
        password.current?.focus();
      },
    });
  };

  return (
    <form className={styles.form} onSubmit={submit}>
      {problem && (
        <MessageBar intent={problem.status === 429 ? 'warning' : 'error'} layout="multiline" className={styles.message} role="alert">
          <MessageBarBody>{message(problem, wait)}</MessageBarBody>
        </MessageBar>
      )}
      <Field label={texts.email} required>
        <Input
          type="email"
          name="email"
          value={values.email}
          onChange={(_, data) => setValues({ ...values, email: data.value })}
          size="large"
          autoComplete="username"
          autoFocus={!email}
          readOnly={Boolean(email)}
        />
      </Field>
      <Field label={texts.password} required>
        <Input
          ref={password}
          name="password"
          value={values.password}
          onChange={(_, data) => setValues({ ...values, password: data.value })}
          type={shown ? 'text' : 'password'}
          size="large"
          autoComplete="current-password"
          autoFocus={Boolean(email)}
          contentAfter={
            <Button
              appearance="transparent"
              size="small"
              icon={shown ? <EyeOffRegular /> : <EyeRegular />}
              aria-label={shown ? texts.hide_password : texts.show_password}
              aria-pressed={shown}
              onClick={() => setShown(!shown)}
            />
          }
        />
      </Field>
      <Button
        type="submit"
        appearance="primary"
        size="large"
        className={styles.submit}
        disabled={signIn.isPending || wait > 0}
        icon={signIn.isPending ? <Spinner size="tiny" /> : undefined}
      >
        {texts.submit}
      </Button>
    </form>
  );
}
