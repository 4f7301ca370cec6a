import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { Link } from 'react-router';
import type { Export } from '../../api/types';
import type { Column } from '../../components/data-list';
import { WarningFilled } from '../../components/icons';
import { useLinkStyles } from '../../components/link-styles';
import { RelativeTime } from '../../components/relative-time';
import { RunStatus, StatusCell } from '../../components/status-cell';
import { TypeIcon } from '../../components/type-icon';
import { formatDateTime } from '../../lib/format';
import { texts } from './texts';

const useStyles = makeStyles({
  name: { display: 'flex', alignItems: 'center', gap: '6px', minWidth: 0 },
  warning: { color: tokens.colorStatusWarningForeground1, flexShrink: 0 },
  state: { color: 'inherit', display: 'inline-flex', maxWidth: '100%', verticalAlign: 'bottom' },
  paused: { color: tokens.colorNeutralForeground3, fontStyle: 'italic' },
  none: { color: tokens.colorNeutralForeground3, marginRight: '8px' },
});

function NameCell({ item, to }: { item: Export; to: string }) {
  const styles = useStyles();
  const link = useLinkStyles();
  const attention = item.needs_attention?.map((a) => a.detail).join('\n');
  return (
    <span className={styles.name}>
      <Link to={to} className={mergeClasses(link.root, link.strong)} title={item.display_name}>
        {item.display_name}
      </Link>
      {attention && (
        <span className={styles.warning} title={attention} role="img" aria-label={`${texts.needs_attention}: ${attention}`}>
          <WarningFilled />
        </span>
      )}
    </span>
  );
}

function ConnectionCell({ item, to }: { item: Export; to: string }) {
  const styles = useStyles();
  const link = useLinkStyles();
  if (item.connection) return <span title={item.connection.display_name}>{item.connection.display_name}</span>;
  return (
    <span>
      <span className={styles.none}>{texts.no_connection}</span>
      {item.can.includes('update') && (
        <Link to={to} className={link.root} aria-label={`${texts.add_a_connection}: ${item.display_name}`}>
          {texts.add_a_connection}
        </Link>
      )}
    </span>
  );
}

function LastRun({ item }: { item: Export }) {
  const styles = useStyles();
  const link = useLinkStyles();
  if (item.state === 'inactive') return <StatusCell tone="stopped">{texts.inactive}</StatusCell>;
  if (!item.last_run) return <RunStatus state={null} />;
  return (
    <Link to={`/data/runs/${item.last_run.id}`} className={mergeClasses(link.root, styles.state)}>
      <RunStatus state={item.last_run.state} />
    </Link>
  );
}

/** The rule in words, with the next start on hover. An inactive export keeps its schedule, but nothing starts by it. */
function ScheduleCell({ item }: { item: Export }) {
  const styles = useStyles();
  const { kind, summary, next_at } = item.schedule;
  const shown = kind === 'own' ? summary || texts.schedule.own : texts.schedule[kind];
  const inactive = item.state === 'inactive';
  const next = next_at ? texts.next_start(formatDateTime(next_at)) : '';
  return (
    <span className={inactive ? styles.paused : undefined} title={inactive ? `${shown}. ${texts.schedule_paused}` : [shown, next].filter(Boolean).join('. ')}>
      {shown}
    </span>
  );
}

export function exportColumns(path: (item: Export) => string): Column<Export>[] {
  return [
    {
      id: 'display_name',
      title: texts.column.display_name,
      width: 'minmax(180px, 2fr)',
      sort: 'display_name',
      render: (e) => <NameCell item={e} to={path(e)} />,
    },
    { id: 'icon', title: texts.column.icon, width: '24px', quiet: true, render: (e) => <TypeIcon type={e.type} /> },
    { id: 'type', title: texts.column.type, width: 'minmax(120px, 1.3fr)', sort: 'type', render: (e) => <span title={e.type_title}>{e.type_title}</span> },
    { id: 'connection', title: texts.column.connection, width: 'minmax(140px, 1.6fr)', sort: 'connection', render: (e) => <ConnectionCell item={e} to={path(e)} /> },
    { id: 'status', title: texts.column.status, width: 'minmax(130px, 1.1fr)', sort: 'status', render: (e) => <LastRun item={e} /> },
    { id: 'refreshed', title: texts.column.refreshed, width: 'minmax(110px, 1fr)', sort: 'refreshed_at', render: (e) => <RelativeTime at={e.refreshed_at} /> },
    { id: 'schedule', title: texts.column.schedule, width: 'minmax(130px, 1.2fr)', render: (e) => <ScheduleCell item={e} /> },
    {
      id: 'permissions',
      title: texts.column.permissions,
      width: 'minmax(104px, 0.8fr)',
      render: (e) => (e.can.includes('update') ? texts.can_edit : texts.can_view),
    },
  ];
}
