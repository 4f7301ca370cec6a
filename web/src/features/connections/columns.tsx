import { mergeClasses } from '@fluentui/react-components';
import { Link } from 'react-router';
import type { Connection, Health } from '../../api/types';
import type { Column } from '../../components/data-list';
import { useLinkStyles } from '../../components/link-styles';
import { RelativeTime } from '../../components/relative-time';
import { StatusCell, type Tone } from '../../components/status-cell';
import { TypeIcon } from '../../components/type-icon';
import { formatDateTime } from '../../lib/format';
import { texts } from './texts';

function NameLink({ connection, to }: { connection: Connection; to: string }) {
  const link = useLinkStyles();
  if (!connection.can.includes('update')) return <>{connection.display_name}</>;
  return (
    <Link to={to} className={mergeClasses(link.root, link.strong)} title={connection.display_name}>
      {connection.display_name}
    </Link>
  );
}

function UsedBy({ connection }: { connection: Connection }) {
  const link = useLinkStyles();
  const { exports, enrichments } = connection.dependants;
  const total = exports + enrichments;
  if (exports === 0) return <>{texts.used_by(total)}</>;
  return (
    <Link
      to={`/data/exports?connection_id=${connection.id}`}
      className={link.root}
      aria-label={`${texts.see_exports}: ${texts.used_by(total)}`}
    >
      {texts.used_by(total)}
    </Link>
  );
}

const kHealthTone: Record<Health, Tone> = { ok: 'success', not_verified: 'none', failing: 'danger', secret_unreachable: 'warning' };

export function HealthCell({ connection }: { connection: Connection }) {
  const failed = connection.verification?.steps.find((s) => s.state === 'failed');
  return (
    <StatusCell tone={kHealthTone[connection.health] ?? 'none'} title={failed?.detail}>
      {texts.health[connection.health] ?? connection.health}
    </StatusCell>
  );
}

export function connectionColumns(editPath: (connection: Connection) => string): Column<Connection>[] {
  return [
    {
      id: 'display_name',
      title: texts.column.display_name,
      width: 'minmax(200px, 2.2fr)',
      sort: 'display_name',
      render: (c) => <NameLink connection={c} to={editPath(c)} />,
    },
    { id: 'icon', title: texts.column.icon, width: '24px', quiet: true, render: (c) => <TypeIcon type={c.type} /> },
    { id: 'type', title: texts.column.type, width: 'minmax(120px, 1.4fr)', sort: 'type', render: (c) => <span title={c.type_title}>{c.type_title}</span> },
    {
      id: 'sharing',
      title: texts.column.sharing,
      width: 'minmax(130px, 1.4fr)',
      sort: 'sharing',
      render: (c) => <span title={texts.shared_with[c.sharing.with]}>{texts.shared_with[c.sharing.with] ?? c.sharing.with}</span>,
    },
    { id: 'used_by', title: texts.column.used_by, width: '80px', sort: 'dependants', render: (c) => <UsedBy connection={c} /> },
    { id: 'health', title: texts.column.health, width: 'minmax(150px, 1fr)', sort: 'health', render: (c) => <HealthCell connection={c} /> },
    {
      id: 'verified',
      title: texts.column.verified,
      width: 'minmax(120px, 1fr)',
      sort: 'verified_at',
      render: (c) => <RelativeTime at={c.verification?.at} />,
    },
    {
      id: 'created',
      title: texts.column.created,
      width: 'minmax(120px, 1fr)',
      sort: 'created_at',
      render: (c) => (
        <span title={`${formatDateTime(c.created_at)} ${texts.created_by(c.created_by?.display_name ?? '')}`}>
          <RelativeTime at={c.created_at} />
        </span>
      ),
    },
  ];
}
