import { makeStyles, Skeleton, SkeletonItem } from '@fluentui/react-components';
import { useSession } from '../../api/session';
import { ErrorState } from '../../components/error-state';
import { ArrowExportRegular, PeopleRegular, PlugConnectedRegular, TableRegular } from '../../components/icons';
import { PageHeader } from '../../components/page-header';
import { usePageTitle } from '../../lib/hooks';
import { texts as common } from '../../lib/texts';
import { countOf, useHasUsableConnection, useHome } from './api';
import { CountCard } from './count-card';
import { ExportDataCard } from './export-data-card';
import { LatestRuns } from './latest-runs';
import { texts } from './texts';

const useStyles = makeStyles({
  top: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr)',
    gap: '16px',
    '@media (min-width: 1200px)': { gridTemplateColumns: 'minmax(0, 1.15fr) minmax(0, 1fr)' },
  },
  cards: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(220px, 100%), 1fr))', gap: '16px' },
});

export function HomePage() {
  const styles = useStyles();
  const { user, permissions, environment } = useSession();
  const home = useHome();
  const mayExport = permissions.includes('exports_edit');
  const usable = useHasUsableConnection(mayExport);
  const isAdmin = permissions.includes('connections_manage');
  usePageTitle(texts.title);

  const body = () => {
    if (home.isError && !home.data) return <ErrorState error={home.error} onRetry={() => void home.refetch()} />;
    if (!home.data || (mayExport && usable.isPending)) {
      return (
        <Skeleton aria-label={common.loading} className={styles.cards}>
          {[0, 1, 2, 3].map((i) => (
            <SkeletonItem key={i} size={128} />
          ))}
        </Skeleton>
      );
    }
    const { tables, segments, connections, exports, last_runs } = home.data;
    const facts = {
      tables: countOf(tables),
      exports: countOf(exports),
      has_connection: usable.data ?? countOf(exports) > 0,
      has_run: last_runs.some((run) => run.kind === 'export'),
    };
    return (
      <div className={styles.top}>
        <ExportDataCard facts={facts} />
        <div className={styles.cards}>
          <CountCard icon={<TableRegular />} title={texts.card.tables} count={texts.tables(facts.tables)} to="/data/tables" link={texts.open.tables} />
          <CountCard icon={<PeopleRegular />} title={texts.card.segments} count={texts.segments(countOf(segments))} to="/data/segments" link={texts.open.segments} />
          {isAdmin && (
            <CountCard
              icon={<PlugConnectedRegular />}
              title={texts.card.connections}
              count={texts.connections(countOf(connections))}
              to="/admin/connections/exports"
              link={texts.open.connections}
            />
          )}
          <CountCard icon={<ArrowExportRegular />} title={texts.card.exports} count={texts.exports(facts.exports)} to="/data/exports" link={texts.open.exports} />
        </div>
        <LatestRuns runs={last_runs} />
      </div>
    );
  };

  return (
    <>
      <PageHeader title={texts.hello(user.display_name)}>{texts.line(environment.display_name)}</PageHeader>
      {body()}
    </>
  );
}
