import { makeStyles, Tab, TabList } from '@fluentui/react-components';
import { Outlet, useLocation, useNavigate } from 'react-router';
import { usePermission } from '../../api/session';
import { PageHeader } from '../../components/page-header';
import { texts } from './texts';

const useStyles = makeStyles({
  // The tabs may be wider than a small screen.
  tabs: { marginBottom: '16px', marginLeft: '-8px', overflowX: 'auto' },
});

type TabName = keyof typeof texts.tabs;

/** Everybody sees how the system does; what an administrator alone may set has a tab only for them (SYS-10). */
export function SystemPage() {
  const styles = useStyles();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const isAdmin = usePermission('system_manage');
  const tabs = (Object.keys(texts.tabs) as TabName[]).filter((name) => name !== 'notifications' || isAdmin);
  const current = tabs.find((name) => pathname.startsWith(`/admin/system/${name}`)) ?? 'status';
  return (
    <>
      <PageHeader title={texts.title}>{texts.line}</PageHeader>
      <TabList className={styles.tabs} selectedValue={current} onTabSelect={(_, data) => void navigate(`/admin/system/${data.value as string}`)}>
        {tabs.map((name) => (
          <Tab key={name} value={name}>
            {texts.tabs[name]}
          </Tab>
        ))}
      </TabList>
      <Outlet />
    </>
  );
}
