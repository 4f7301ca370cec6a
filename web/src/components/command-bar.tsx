import { Button, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { ReactElement, ReactNode } from 'react';
import { DismissRegular } from './icons';
import { texts } from '../lib/texts';

const useStyles = makeStyles({
  root: {
    display: 'flex',
    alignItems: 'center',
    gap: '4px',
    flexWrap: 'wrap',
    minHeight: '44px',
    padding: '4px 8px',
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    '@media (max-width: 640px)': { padding: '4px' },
  },
  grow: { flexGrow: 1 },
  end: {
    display: 'flex',
    alignItems: 'center',
    gap: '8px',
    flexGrow: 0,
    '@media (max-width: 640px)': { flexBasis: '100%', justifyContent: 'space-between' },
  },
  button: { fontWeight: tokens.fontWeightRegular, minWidth: 'auto', whiteSpace: 'nowrap' },
  danger: { ':hover': { color: tokens.colorStatusDangerForeground1 } },
});

interface BarProps {
  label: string;
  children?: ReactNode;
  /** Right end: search box and the like. */
  end?: ReactNode;
  selected?: number;
  onClearSelection?: () => void;
}

/** The row of actions above a list. Left: what can be done; right: "n selected" and the search. */
export function CommandBar({ label, children, end, selected = 0, onClearSelection }: BarProps) {
  const styles = useStyles();
  return (
    <div role="group" aria-label={label} className={styles.root}>
      {children}
      <div className={styles.grow} />
      <div className={styles.end}>
        {selected > 0 && (
          <Button
            appearance="subtle"
            className={styles.button}
            icon={<DismissRegular />}
            onClick={onClearSelection}
            aria-label={`${texts.selected(selected)}, ${texts.clear_selection}`}
          >
            {texts.selected(selected)}
          </Button>
        )}
        {end}
      </div>
    </div>
  );
}

interface CommandProps {
  icon: ReactElement;
  children: string;
  onClick: () => void;
  disabled?: boolean;
  primary?: boolean;
  danger?: boolean;
  title?: string;
}

export function Command({ icon, children, onClick, disabled, primary, danger, title }: CommandProps) {
  const styles = useStyles();
  return (
    <Button
      appearance={primary ? 'primary' : 'subtle'}
      className={mergeClasses(styles.button, danger && styles.danger)}
      icon={icon}
      onClick={onClick}
      disabled={disabled}
      title={title}
    >
      {children}
    </Button>
  );
}

interface LinkProps {
  icon: ReactElement;
  children: string;
  href: string;
  /** Name of the file that the browser stores. */
  download: string;
}

/** A download: the browser loads it itself, so that nothing of it is held in the page. */
export function CommandDownload({ icon, children, href, download }: LinkProps) {
  const styles = useStyles();
  return (
    <Button as="a" appearance="subtle" className={styles.button} icon={icon} href={href} download={download}>
      {children}
    </Button>
  );
}
