import { Button, makeStyles, mergeClasses, Switch, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import type { RequestRecord, Run } from '../../api/types';
import { DataList, type Column } from '../../components/data-list';
import { EmptyState } from '../../components/empty-state';
import { useLinkStyles } from '../../components/link-styles';
import { RelativeTime } from '../../components/relative-time';
import { formatDuration, formatNumber } from '../../lib/format';
import { useRequests } from './api';
import { RequestPane } from './request-pane';
import { isFailed, pathOf } from './request-rules';
import { RequestStatus } from './request-status';
import { texts } from './texts';

const useStyles = makeStyles({
  head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', justifyContent: 'space-between', gap: '0 16px', margin: '28px 0 10px' },
  heading: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  line: { margin: '0 0 10px', color: tokens.colorNeutralForeground2, maxWidth: '80ch' },
  call: {
    minWidth: 0,
    padding: 0,
    border: 'none',
    background: 'none',
    font: 'inherit',
    textAlign: 'start',
    cursor: 'pointer',
    whiteSpace: 'nowrap',
    maxWidth: '100%',
  },
  path: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
  more: { marginTop: '8px' },
});

type Numbered = RequestRecord & { number: number };

const kFirst = 25;

/** The calls of the run to the service (BEY-20); for administrators. */
export function Requests({ run }: { run: Run }) {
  const styles = useStyles();
  const link = useLinkStyles();
  const query = useRequests(run);
  const [onlyFailed, setOnlyFailed] = useState(false);
  const [all, setAll] = useState(false);
  const [opened, setOpened] = useState<number | null>(null);

  const items = query.data?.map((request, index): Numbered => ({ ...request, number: index }));
  const fitting = items?.filter((request) => !onlyFailed || isFailed(request));
  const hasFailed = items?.some(isFailed) ?? false;
  const at = fitting?.findIndex((request) => request.number === opened) ?? -1;

  const columns: Column<Numbered>[] = [
    {
      id: 'call',
      title: texts.request.call,
      width: 'minmax(220px, 4fr)',
      render: (r) => (
        <button type="button" className={mergeClasses(styles.call, link.root)} title={r.url} onClick={() => setOpened(r.number)}>
          {r.method} <span className={styles.path}>{pathOf(r.url)}</span>
        </button>
      ),
    },
    { id: 'status', title: texts.request.status, width: 'minmax(110px, 1fr)', render: (r) => <RequestStatus request={r} /> },
    { id: 'at', title: texts.request.at, width: 'minmax(120px, 1fr)', render: (r) => <RelativeTime at={r.at} /> },
    { id: 'time', title: texts.request.time, width: 'minmax(80px, 0.8fr)', align: 'end', render: (r) => formatDuration(r.duration_ms) },
    { id: 'rows', title: texts.request.rows, width: 'minmax(60px, 0.6fr)', align: 'end', render: (r) => formatNumber(r.rows) },
  ];

  return (
    <section aria-labelledby="requests">
      <div className={styles.head}>
        <h2 id="requests" className={styles.heading}>
          {texts.requests}
        </h2>
        {hasFailed && <Switch label={texts.only_failed} labelPosition="before" checked={onlyFailed} onChange={(_, data) => setOnlyFailed(data.checked)} />}
      </div>
      <p className={styles.line}>{texts.requests_line}</p>
      <DataList
        label={texts.requests}
        columns={columns}
        items={all ? fitting : fitting?.slice(0, kFirst)}
        error={query.error}
        onRetry={() => void query.refetch()}
        id={(r) => String(r.number)}
        name={(r) => texts.request_of(r.method, pathOf(r.url))}
        empty={
          <EmptyState title={onlyFailed ? texts.no_failed : texts.requests_none}>{onlyFailed ? undefined : texts.requests_none_text}</EmptyState>
        }
      />
      {!all && fitting && fitting.length > kFirst && (
        <Button className={styles.more} appearance="subtle" onClick={() => setAll(true)}>
          {texts.show_all} ({texts.files_more(fitting.length - kFirst)})
        </Button>
      )}
      {fitting && at >= 0 && (
        <RequestPane
          request={fitting[at]!}
          onPrevious={at > 0 ? () => setOpened(fitting[at - 1]!.number) : undefined}
          onNext={at < fitting.length - 1 ? () => setOpened(fitting[at + 1]!.number) : undefined}
          onClose={() => setOpened(null)}
        />
      )}
    </section>
  );
}
