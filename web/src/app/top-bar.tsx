import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { Link } from 'react-router';
import { useSession } from '../api/session';
import { GlobeRegular, NavigationRegular, QuestionCircleRegular } from '../components/icons';
import { ProductMark } from '../components/product-mark';
import { NoticeBell } from '../features/notices/bell';
import { texts } from './shell-texts';
import { UserMenu } from './user-menu';

const ink = '#0c2733';
const hover = '#1c3c4a';

const useStyles = makeStyles({
  root: {
    display: 'flex',
    alignItems: 'center',
    gap: '4px',
    padding: '0 8px',
    backgroundColor: ink,
    color: '#fff',
  },
  button: {
    color: '#fff',
    minWidth: '40px',
    height: '40px',
    ':hover': { color: '#fff', backgroundColor: hover },
    // The kit would paint the icon in the colour of a link, which is too dark here.
    ':hover .fui-Button__icon': { color: '#fff' },
    ':hover:active .fui-Button__icon': { color: '#fff' },
    ':hover:active': { color: '#fff', backgroundColor: hover },
  },
  brand: {
    display: 'flex',
    alignItems: 'center',
    gap: '10px',
    padding: '4px 8px',
    borderRadius: tokens.borderRadiusMedium,
    color: '#fff',
    textDecorationLine: 'none',
    fontSize: tokens.fontSizeBase400,
    fontWeight: tokens.fontWeightSemibold,
    ':focus-visible': { outline: '2px solid #fff' },
  },
  grow: { flexGrow: 1 },
  environment: { display: 'flex', alignItems: 'center', gap: '8px', padding: '0 8px', minWidth: 0 },
  globe: { fontSize: '20px', flexShrink: 0, '@media (max-width: 640px)': { display: 'none' } },
  caption: { display: 'block', fontSize: '10px', lineHeight: '12px', color: '#b9cdd6', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  name: {
    display: 'block',
    fontSize: tokens.fontSizeBase200,
    lineHeight: '16px',
    maxWidth: '240px',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    '@media (max-width: 640px)': { maxWidth: '100px' },
  },
  help: {
    display: 'inline-flex',
    alignItems: 'center',
    justifyContent: 'center',
    width: '40px',
    height: '40px',
    fontSize: '20px',
    color: '#fff',
    borderRadius: tokens.borderRadiusMedium,
    ':hover': { backgroundColor: hover },
    ':focus-visible': { outline: '2px solid #fff' },
  },
});

interface Props {
  onToggleNavigation: () => void;
  toggleLabel: string;
  expanded: boolean;
}

export function TopBar({ onToggleNavigation, toggleLabel, expanded }: Props) {
  const styles = useStyles();
  const { environment } = useSession();
  return (
    <header className={styles.root}>
      <Button
        appearance="subtle"
        className={styles.button}
        icon={<NavigationRegular />}
        aria-label={toggleLabel}
        aria-expanded={expanded}
        onClick={onToggleNavigation}
      />
      <Link to="/" className={styles.brand}>
        <ProductMark />
        {texts.product}
      </Link>
      <div className={styles.grow} />
      <div className={styles.environment} title={environment.display_name}>
        <GlobeRegular className={styles.globe} aria-hidden />
        <span style={{ minWidth: 0 }}>
          <span className={styles.caption}>{texts.environment}</span>
          <span className={styles.name}>{environment.display_name}</span>
        </span>
      </div>
      <NoticeBell className={styles.button} />
      <Link to="/help" className={styles.help} aria-label={texts.help} title={texts.help}>
        <QuestionCircleRegular />
      </Link>
      <UserMenu />
    </header>
  );
}
