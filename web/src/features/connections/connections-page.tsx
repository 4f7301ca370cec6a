import { Link, makeStyles, Tab, TabList } from '@fluentui/react-components';
import { Navigate, Outlet, useNavigate, useParams } from 'react-router';
import { PageHeader } from '../../components/page-header';
import { usePageTitle } from '../../lib/hooks';
import { DiscoverTab } from './discover-tab';
import { ListTab } from './list-tab';
import { texts } from './texts';

const useStyles = makeStyles({
  tabs: { marginBottom: '16px', marginLeft: '-8px' },
});

type TabName = keyof typeof texts.tabs;
const kTabs = Object.keys(texts.tabs) as TabName[];

export function ConnectionsPage() {
  const styles = useStyles();
  const navigate = useNavigate();
  const { tab } = useParams();
  usePageTitle(texts.title);
  if (!kTabs.includes(tab as TabName)) return <Navigate to="/admin/connections/discover" replace />;

  return (
    <>
      <PageHeader title={texts.title}>
        {texts.line}{' '}
        <Link href="/help" target="_blank" inline>
          {texts.learn_more}
        </Link>
      </PageHeader>
      <TabList
        className={styles.tabs}
        selectedValue={tab}
        onTabSelect={(_, data) => void navigate(`/admin/connections/${data.value as string}`)}
      >
        {kTabs.map((name) => (
          <Tab key={name} value={name}>
            {texts.tabs[name]}
          </Tab>
        ))}
      </TabList>
      {tab === 'discover' && <DiscoverTab />}
      {tab === 'exports' && <ListTab key="export" kind="export" />}
      {tab === 'enrichments' && <ListTab key="enrichment" kind="enrichment" />}
      <Outlet />
    </>
  );
}
