import { makeStyles, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import type { Problem } from '../lib/problem';
import { CopyButton } from './copy-button';
import { texts } from '../lib/texts';

const useStyles = makeStyles({
  bar: { height: 'auto' },
  id: { display: 'flex', alignItems: 'center', gap: '2px', color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  mono: { fontFamily: tokens.fontFamilyMonospace, overflowWrap: 'anywhere' },
});

export function RequestId({ problem }: { problem: Problem }) {
  const styles = useStyles();
  if (!problem.request_id) return null;
  return (
    <span className={styles.id}>
      {texts.request_id}: <span className={styles.mono}>{problem.request_id}</span>
      <CopyButton value={problem.request_id} label={`${texts.copy} ${texts.request_id.toLowerCase()}`} />
    </span>
  );
}

interface Props {
  problem: Problem;
  title?: string;
  actions?: ReactNode;
}

/** A refusal of the server, shown where the person is working. */
export function ProblemMessage({ problem, title, actions }: Props) {
  const styles = useStyles();
  return (
    <MessageBar intent="error" layout="multiline" className={styles.bar} role="alert">
      <MessageBarBody>
        {title && <MessageBarTitle>{title} </MessageBarTitle>}
        {problem.detail}
        <RequestId problem={problem} />
      </MessageBarBody>
      {actions && <MessageBarActions>{actions}</MessageBarActions>}
    </MessageBar>
  );
}
