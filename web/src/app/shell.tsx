import { makeStyles, MessageBar, MessageBarBody, tokens } from '@fluentui/react-components';
import { useEffect, useState } from 'react';
import { Outlet, useLocation } from 'react-router';
import { useMediaQuery } from '../lib/hooks';
import { useLiveUpdates } from './live';
import { NavigationDrawer, NavigationRail } from './navigation';
import { texts } from './shell-texts';
import { TopBar } from './top-bar';

const useStyles = makeStyles({
  root: {
    display: 'grid',
    gridTemplateRows: '48px minmax(0, 1fr)',
    gridTemplateColumns: 'minmax(0, 1fr)',
    height: '100vh',
    '@supports (height: 100dvh)': { height: '100dvh' },
    backgroundColor: tokens.colorNeutralBackground2,
  },
  below: { display: 'flex', minHeight: 0 },
  main: { flexGrow: 1, minWidth: 0, overflowY: 'auto', ':focus': { outline: 'none' } },
  content: {
    maxWidth: '1680px',
    margin: '0 auto',
    padding: '0 32px 48px',
    '@media (max-width: 640px)': { padding: '0 16px 32px' },
  },
  skip: {
    position: 'absolute',
    top: '-100px',
    left: '8px',
    zIndex: 10,
    padding: '8px 16px',
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorBrandForeground1,
    ':focus': { top: '8px' },
  },
  bar: { borderRadius: 0 },
});

const kLostAfterMs = 8_000;

/** True only when the live connection stays away, not during a short reconnect. */
function useLostForLong(lost: boolean): boolean {
  const [long, setLong] = useState(false);
  useEffect(() => {
    if (!lost) return setLong(false);
    const timer = setTimeout(() => setLong(true), kLostAfterMs);
    return () => clearTimeout(timer);
  }, [lost]);
  return long;
}

export function Shell() {
  const styles = useStyles();
  const small = useMediaQuery('(max-width: 900px)');
  const [collapsed, setCollapsed] = useState(false);
  const [drawerOpen, setDrawerOpen] = useState(false);
  const unreachable = useLostForLong(useLiveUpdates() === 'lost');
  const { pathname } = useLocation();

  useEffect(() => setDrawerOpen(false), [pathname]);

  const toggle = () => (small ? setDrawerOpen(true) : setCollapsed(!collapsed));
  const label = small ? texts.open_navigation : collapsed ? texts.expand_navigation : texts.collapse_navigation;

  return (
    <div className={styles.root}>
      <a href="#main" className={styles.skip} onClick={() => document.getElementById('main')?.focus()}>
        {texts.skip}
      </a>
      <TopBar onToggleNavigation={toggle} toggleLabel={label} expanded={small ? drawerOpen : !collapsed} />
      <div className={styles.below}>
        {small ? (
          <NavigationDrawer open={drawerOpen} onClose={() => setDrawerOpen(false)} />
        ) : (
          <NavigationRail collapsed={collapsed} />
        )}
        <main id="main" tabIndex={-1} className={styles.main}>
          {unreachable && (
            <MessageBar intent="warning" layout="multiline" className={styles.bar}>
              <MessageBarBody>{texts.live_lost}</MessageBarBody>
            </MessageBar>
          )}
          <div className={styles.content}>
            <Outlet />
          </div>
        </main>
      </div>
    </div>
  );
}
