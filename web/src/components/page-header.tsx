import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { usePageTitle } from '../lib/hooks';

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', gap: '4px', padding: '20px 0 12px' },
  row: { display: 'flex', alignItems: 'center', gap: '12px', flexWrap: 'wrap' },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeHero700,
    lineHeight: tokens.lineHeightHero700,
    fontWeight: tokens.fontWeightSemibold,
    overflowWrap: 'anywhere',
    ':focus': { outline: 'none' },
  },
  line: { margin: 0, maxWidth: '80ch', color: tokens.colorNeutralForeground2 },
});

interface Props {
  title: string;
  /** Shown before the title: a type's icon, say. */
  icon?: ReactNode;
  /** Shown after the title: a state, a badge. */
  aside?: ReactNode;
  above?: ReactNode;
  children?: ReactNode;
}

/** The page's one h1 with a sentence of explanation. Takes the focus when a pane over the page closes. */
export function PageHeader({ title, icon, aside, above, children }: Props) {
  const styles = useStyles();
  usePageTitle(title);
  return (
    <header className={styles.root}>
      {above}
      <div className={styles.row}>
        {icon}
        <h1 className={styles.title} tabIndex={-1} data-page-title="">
          {title}
        </h1>
        {aside}
      </div>
      {children && <p className={styles.line}>{children}</p>}
    </header>
  );
}
