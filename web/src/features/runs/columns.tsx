import { mergeClasses } from '@fluentui/react-components';
import { Link } from 'react-router';
import { isEnded } from '../../api/runs';
import type { Run } from '../../api/types';
import type { Column } from '../../components/data-list';
import { useLinkStyles } from '../../components/link-styles';
import { RelativeTime } from '../../components/relative-time';
import { RunStatus } from '../../components/status-cell';
import { formatDuration, formatNumber } from '../../lib/format';
import { texts } from './texts';

function NameCell({ run }: { run: Run }) {
  const link = useLinkStyles();
  return (
    <Link to={`/data/runs/${run.id}`} className={mergeClasses(link.root, link.strong)} title={run.subject.display_name}>
      {run.subject.display_name}
    </Link>
  );
}

/** A person, or what made it start by itself. */
export const starter = (run: Run): string =>
  run.trigger === 'manual' || !run.trigger ? (run.requested_by?.display_name ?? texts.system) : texts.trigger[run.trigger];

export const rowsOf = (run: Run): number => (run.kind === 'export' ? run.counts.rows_sent : run.counts.rows_read);

export const runColumns: Column<Run>[] = [
  { id: 'subject', title: texts.column.subject, width: 'minmax(200px, 2fr)', sort: 'subject', render: (r) => <NameCell run={r} /> },
  { id: 'kind', title: texts.column.kind, width: 'minmax(80px, 0.6fr)', render: (r) => texts.kind[r.kind] ?? r.kind },
  { id: 'state', title: texts.column.state, width: 'minmax(180px, 1.3fr)', sort: 'state', render: (r) => <RunStatus state={r.state} canceling={r.is_canceling} /> },
  { id: 'rows', title: texts.column.rows, width: 'minmax(90px, 0.7fr)', align: 'end', render: (r) => formatNumber(rowsOf(r)) },
  {
    id: 'started',
    title: texts.column.started,
    width: 'minmax(120px, 1fr)',
    sort: 'queued_at',
    render: (r) => <RelativeTime at={r.started_at} none={texts.not_yet} />,
  },
  {
    id: 'duration',
    title: texts.column.duration,
    width: 'minmax(110px, 0.8fr)',
    render: (r) => (r.duration_ms !== null && isEnded(r.state) ? formatDuration(r.duration_ms) : '–'),
  },
  { id: 'by', title: texts.column.by, width: 'minmax(130px, 1fr)', render: (r) => starter(r) },
];
