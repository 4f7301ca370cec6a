import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { ReactElement } from 'react';
import { Link } from 'react-router';
import { useLinkStyles } from '../../components/link-styles';
import { useCardStyles } from './card';

const useStyles = makeStyles({
  root: { gap: '4px', justifyContent: 'space-between', minHeight: '132px' },
  head: { display: 'flex', alignItems: 'center', gap: '8px' },
  icon: { display: 'inline-flex', fontSize: '20px', color: tokens.colorBrandForeground1 },
  count: { fontSize: tokens.fontSizeBase600, lineHeight: tokens.lineHeightBase600, fontWeight: tokens.fontWeightSemibold },
});

interface Props {
  icon: ReactElement;
  title: string;
  count: string;
  to: string;
  link: string;
}

export function CountCard({ icon, title, count, to, link }: Props) {
  const card = useCardStyles();
  const styles = useStyles();
  const links = useLinkStyles();
  return (
    <section className={mergeClasses(card.root, styles.root)} aria-label={title}>
      <div className={styles.head}>
        <span className={styles.icon}>{icon}</span>
        <h2 className={card.title}>{title}</h2>
      </div>
      <span className={styles.count}>{count}</span>
      <Link to={to} className={links.root}>
        {link}
      </Link>
    </section>
  );
}
