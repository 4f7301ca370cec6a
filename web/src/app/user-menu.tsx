import {
  Button,
  makeStyles,
  Menu,
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItem,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  tokens,
} from '@fluentui/react-components';
import { useNavigate } from 'react-router';
import { useSession } from '../api/session';
import { SignOutRegular } from '../components/icons';
import { useNotify } from '../components/notify';
import { useSignOut } from '../features/session/api';
import { initials } from '../lib/format';
import { texts } from './shell-texts';
import { useThemeChoice, type ThemeChoice } from './theme';

const useStyles = makeStyles({
  button: { minWidth: '40px', width: '40px', height: '40px', padding: 0, ':hover': { backgroundColor: '#1c3c4a' } },
  circle: {
    display: 'inline-flex',
    alignItems: 'center',
    justifyContent: 'center',
    width: '30px',
    height: '30px',
    flexShrink: 0,
    borderRadius: '50%',
    backgroundColor: '#cfeaf4',
    color: '#0c2733',
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
  },
  hidden: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
  who: { padding: '8px 12px 12px', display: 'flex', flexDirection: 'column', maxWidth: '280px' },
  name: { fontWeight: tokens.fontWeightSemibold },
  more: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere' },
});

const kThemes: [ThemeChoice, string][] = [
  ['system', texts.theme_system],
  ['light', texts.theme_light],
  ['dark', texts.theme_dark],
];

export function UserMenu() {
  const styles = useStyles();
  const navigate = useNavigate();
  const notify = useNotify();
  const { user } = useSession();
  const { choice, choose } = useThemeChoice();
  const signOut = useSignOut();

  return (
    <Menu positioning="below-end" checkedValues={{ theme: [choice] }}>
      <MenuTrigger disableButtonEnhancement>
        <Button
          appearance="transparent"
          className={styles.button}
          title={user.display_name}
        >
          <span className={styles.circle} aria-hidden="true">
            {initials(user.display_name)}
          </span>
          <span className={styles.hidden}>{texts.account(user.display_name)}</span>
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <div className={styles.who}>
          <span className={styles.name}>{user.display_name}</span>
          <span className={styles.more}>{user.email}</span>
          <span className={styles.more}>{texts.roles[user.role]}</span>
        </div>
        <MenuList>
          <MenuDivider />
          <MenuGroup>
            <MenuGroupHeader>{texts.theme}</MenuGroupHeader>
            {kThemes.map(([value, label]) => (
              <MenuItemRadio key={value} name="theme" value={value} onClick={() => choose(value)}>
                {label}
              </MenuItemRadio>
            ))}
          </MenuGroup>
          <MenuDivider />
          <MenuItem
            icon={<SignOutRegular />}
            onClick={() =>
              signOut.mutate(undefined, {
                onSuccess: () => void navigate('/sign-in'),
                onError: (error) => notify.failure(texts.sign_out_failed, error),
              })
            }
          >
            {texts.sign_out}
          </MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
