import { Button, makeStyles, MessageBar, MessageBarBody, mergeClasses, Spinner, tokens } from '@fluentui/react-components';
import { useRef } from 'react';
import { Link } from 'react-router';
import type { Run } from '../../api/types';
import { ArrowDownloadRegular, SendRegular } from '../../components/icons';
import { useLinkStyles } from '../../components/link-styles';
import { ProblemMessage } from '../../components/problem-message';
import { toProblem } from '../../lib/problem';
import { rejectedPath, useResend } from './api';
import { texts } from './texts';

const useStyles = makeStyles({
  heading: { margin: '28px 0 10px', fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  card: {
    display: 'flex',
    flexDirection: 'column',
    gap: '12px',
    padding: '16px 20px',
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  line: { margin: 0, maxWidth: '80ch' },
  quiet: { color: tokens.colorNeutralForeground2 },
  actions: { display: 'flex', flexWrap: 'wrap', gap: '8px' },
  bar: { height: 'auto' },
});

/** What the service did not take, as a file: to look at, to correct, and to send again alone (BEY-14). */
export function RejectedRows({ run }: { run: Run }) {
  const styles = useStyles();
  const link = useLinkStyles();
  const input = useRef<HTMLInputElement>(null);
  const resend = useResend();
  if (!run.can.includes('rejected')) return null;
  const { rows_rejected, rows_omitted } = run.counts;

  const send = (file: File | undefined) => {
    if (file) resend.mutate({ run, file });
    // The same file may be chosen again after it was mended.
    if (input.current) input.current.value = '';
  };

  return (
    <section aria-labelledby="rejected">
      <h2 id="rejected" className={styles.heading}>
        {texts.rejected}
      </h2>
      <div className={styles.card}>
        <p className={styles.line}>
          {rows_rejected > 0 && texts.rejected_count(rows_rejected)} {rows_omitted > 0 && texts.omitted_count(rows_omitted)}
        </p>
        <p className={mergeClasses(styles.line, styles.quiet)}>{texts.rejected_line}</p>
        <div className={styles.actions}>
          <Button as="a" icon={<ArrowDownloadRegular />} href={rejectedPath(run)} download={`rejected-${run.id}.csv`}>
            {texts.download_rejected}
          </Button>
          {run.can.includes('resend') && (
            <Button
              icon={resend.isPending ? <Spinner size="tiny" /> : <SendRegular />}
              disabled={resend.isPending}
              onClick={() => input.current?.click()}
            >
              {resend.isPending ? texts.resending : texts.resend}
            </Button>
          )}
        </div>
        <input ref={input} type="file" hidden aria-label={texts.resend_file} accept=".csv,text/csv" onChange={(event) => send(event.target.files?.[0])} />
        {resend.isError && <ProblemMessage problem={toProblem(resend.error)} title={texts.resend_failed} />}
        {resend.data && (
          <MessageBar intent="success" layout="multiline" className={styles.bar} role="status">
            <MessageBarBody>
              {texts.resent}{' '}
              <Link to={`/data/runs/${resend.data.id}`} className={mergeClasses(link.root, link.inText)}>
                {texts.resent_link}
              </Link>
            </MessageBarBody>
          </MessageBar>
        )}
      </div>
    </section>
  );
}
