import { Button, makeStyles, mergeClasses, MessageBar, MessageBarBody, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import type { RequestRecord } from '../../api/types';
import { CopyButton } from '../../components/copy-button';
import { FormSection } from '../../components/form-section';
import { Pane, PaneContent } from '../../components/pane';
import { formatBytes, formatDateTime, formatDuration, formatNumber } from '../../lib/format';
import { indentJson } from '../../lib/indent-json';
import { pathOf } from './request-rules';
import { RequestStatus } from './request-status';
import { texts } from './texts';

const useStyles = makeStyles({
  facts: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(168px, 100%), 1fr))', gap: '12px', margin: 0 },
  wide: { gridColumn: '1 / -1' },
  label: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  value: { margin: 0, overflowWrap: 'anywhere' },
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
  part: { display: 'flex', flexDirection: 'column', gap: '4px', minWidth: 0 },
  head: { display: 'flex', alignItems: 'center', justifyContent: 'space-between', minHeight: '32px' },
  name: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  text: {
    margin: 0,
    padding: '8px 12px',
    maxHeight: '320px',
    overflow: 'auto',
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase300,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
  },
  none: { margin: 0, color: tokens.colorNeutralForeground2 },
  bar: { height: 'auto', marginTop: '12px' },
  grow: { flexGrow: 1 },
});

function Text({ title, label, text, none, copy }: { title: string; label: string; text: string; none: string; copy?: string }) {
  const styles = useStyles();
  return (
    <div className={styles.part}>
      <div className={styles.head}>
        <h4 className={styles.name}>{title}</h4>
        {copy && text !== '' && <CopyButton value={text} label={copy} />}
      </div>
      {text === '' ? (
        <p className={styles.none}>{none}</p>
      ) : (
        // It scrolls by itself, so the keyboard must be able to reach it.
        <pre className={styles.text} tabIndex={0} role="group" aria-label={label}>
          {text}
        </pre>
      )}
    </div>
  );
}

function Message({ title, bytes, headers, body }: { title: string; bytes: number; headers: string; body: string }) {
  const none = bytes > 0 && body === '' ? texts.not_kept : texts.no_body;
  return (
    <FormSection title={title} line={formatBytes(bytes)}>
      <Text title={texts.headers} label={texts.headers_of(title)} text={headers.trim()} none={none} />
      <Text title={texts.body} label={texts.body_of(title)} text={indentJson(body)} none={none} copy={texts.copy_body(title)} />
    </FormSection>
  );
}

interface Props {
  request: RequestRecord;
  onPrevious?: () => void;
  onNext?: () => void;
  onClose: () => void;
}

/** One call with all that was said in it. */
export function RequestPane({ request, onPrevious, onNext, onClose }: Props) {
  const styles = useStyles();
  const facts: [string, ReactNode][] = [
    [texts.request.status, <RequestStatus key="status" request={request} />],
    [texts.request.time, formatDuration(request.duration_ms)],
    [texts.request.rows, formatNumber(request.rows)],
    [texts.request.at, formatDateTime(request.at)],
  ];
  return (
    <Pane size="wide" onClose={onClose}>
      <PaneContent
        title={texts.request_of(request.method, pathOf(request.url))}
        onClose={onClose}
        footer={
          <>
            <Button disabled={!onPrevious} onClick={onPrevious}>
              {texts.previous_request}
            </Button>
            <Button disabled={!onNext} onClick={onNext}>
              {texts.next_request}
            </Button>
            <div className={styles.grow} />
            <Button onClick={onClose}>{texts.close}</Button>
          </>
        }
      >
        <dl className={styles.facts}>
          <div className={styles.wide}>
            <dt className={styles.label}>{texts.url}</dt>
            <dd className={mergeClasses(styles.value, styles.mono)}>{request.url}</dd>
          </div>
          {facts.map(([title, value]) => (
            <div key={title}>
              <dt className={styles.label}>{title}</dt>
              <dd className={styles.value}>{value}</dd>
            </div>
          ))}
        </dl>
        {request.error && (
          <MessageBar intent="error" layout="multiline" className={styles.bar}>
            <MessageBarBody>{request.error}</MessageBarBody>
          </MessageBar>
        )}
        <Message title={texts.request_title} bytes={request.request_bytes} headers={request.request_headers} body={request.request_body} />
        {request.status !== 0 && (
          <Message title={texts.answer_title} bytes={request.answer_bytes} headers={request.answer_headers} body={request.answer_body} />
        )}
      </PaneContent>
    </Pane>
  );
}
