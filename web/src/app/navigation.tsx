import { DrawerBody, makeStyles, mergeClasses, OverlayDrawer, tokens, Tooltip } from '@fluentui/react-components';
import { useId, type ComponentType } from 'react';
import { NavLink } from 'react-router';
import { useSession } from '../api/session';
import type { Permission } from '../api/types';
import {
  ArrowExportRegular,
  ClipboardTaskListLtrRegular,
  HistoryRegular,
  HomeRegular,
  PeopleRegular,
  PlugConnectedRegular,
  SettingsRegular,
  TableRegular,
} from '../components/icons';
import { texts } from './shell-texts';

interface Entry {
  to: string;
  label: string;
  icon: ComponentType<{ className?: string }>;
  needs?: Permission;
}

const kGroups: { label?: string; entries: Entry[] }[] = [
  { entries: [{ to: '/', label: texts.home, icon: HomeRegular }] },
  {
    label: texts.data,
    entries: [
      { to: '/data/tables', label: texts.tables, icon: TableRegular },
      { to: '/data/segments', label: texts.segments, icon: PeopleRegular },
      { to: '/data/exports', label: texts.exports, icon: ArrowExportRegular },
      { to: '/data/runs', label: texts.runs, icon: HistoryRegular },
    ],
  },
  {
    label: texts.admin,
    entries: [
      { to: '/admin/system', label: texts.system, icon: SettingsRegular },
      { to: '/admin/connections', label: texts.connections, icon: PlugConnectedRegular, needs: 'connections_manage' },
      { to: '/admin/audit', label: texts.audit, icon: ClipboardTaskListLtrRegular, needs: 'audit_view' },
    ],
  },
];

const useStyles = makeStyles({
  rail: {
    width: '232px',
    flexShrink: 0,
    overflowY: 'auto',
    padding: '12px 8px',
    backgroundColor: tokens.colorNeutralBackground3,
    borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  collapsed: { width: '56px' },
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column', gap: '2px' },
  heading: {
    margin: 0,
    padding: '16px 12px 6px',
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground2,
  },
  line: { margin: '12px 8px', height: '1px', border: 'none', backgroundColor: tokens.colorNeutralStroke2 },
  link: {
    position: 'relative',
    display: 'flex',
    alignItems: 'center',
    gap: '12px',
    minHeight: '36px',
    padding: '0 10px',
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: 'none',
    ':hover': { backgroundColor: tokens.colorNeutralBackground3Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-2px' },
  },
  current: {
    backgroundColor: tokens.colorNeutralBackground1,
    fontWeight: tokens.fontWeightSemibold,
    boxShadow: tokens.shadow2,
    ':hover': { backgroundColor: tokens.colorNeutralBackground1 },
    '::before': {
      content: '""',
      position: 'absolute',
      left: 0,
      top: '8px',
      bottom: '8px',
      width: '3px',
      borderRadius: '2px',
      backgroundColor: tokens.colorCompoundBrandBackground,
    },
  },
  icon: { fontSize: '20px', flexShrink: 0 },
  drawer: { width: '280px' },
  drawerBody: { padding: '12px 8px' },
});

function NavigationLink({ entry, collapsed }: { entry: Entry; collapsed: boolean }) {
  const styles = useStyles();
  const Icon = entry.icon;
  const link = (
    <NavLink
      to={entry.to}
      end={entry.to === '/'}
      aria-label={collapsed ? entry.label : undefined}
      className={({ isActive }) => mergeClasses(styles.link, isActive && styles.current)}
    >
      <Icon className={styles.icon} />
      {!collapsed && entry.label}
    </NavLink>
  );
  if (!collapsed) return link;
  return (
    <Tooltip content={entry.label} relationship="label" positioning="after">
      {link}
    </Tooltip>
  );
}

function NavigationList({ collapsed }: { collapsed: boolean }) {
  const styles = useStyles();
  const { permissions } = useSession();
  const id = useId();
  return kGroups.map((group, index) => {
    const entries = group.entries.filter((e) => !e.needs || permissions.includes(e.needs));
    if (entries.length === 0) return null;
    const heading = `${id}-${index}`;
    return (
      <div key={heading}>
        {group.label && !collapsed && (
          <p id={heading} className={styles.heading}>
            {group.label}
          </p>
        )}
        {group.label && collapsed && <hr className={styles.line} />}
        <ul className={styles.list} aria-labelledby={group.label && !collapsed ? heading : undefined}>
          {entries.map((entry) => (
            <li key={entry.to}>
              <NavigationLink entry={entry} collapsed={collapsed} />
            </li>
          ))}
        </ul>
      </div>
    );
  });
}

export function NavigationRail({ collapsed }: { collapsed: boolean }) {
  const styles = useStyles();
  return (
    <nav aria-label={texts.navigation} className={mergeClasses(styles.rail, collapsed && styles.collapsed)}>
      <NavigationList collapsed={collapsed} />
    </nav>
  );
}

export function NavigationDrawer({ open, onClose }: { open: boolean; onClose: () => void }) {
  const styles = useStyles();
  return (
    <OverlayDrawer
      open={open}
      position="start"
      className={styles.drawer}
      aria-label={texts.navigation}
      onOpenChange={(_, data) => !data.open && onClose()}
    >
      <DrawerBody className={styles.drawerBody}>
        <nav aria-label={texts.navigation}>
          <NavigationList collapsed={false} />
        </nav>
      </DrawerBody>
    </OverlayDrawer>
  );
}
