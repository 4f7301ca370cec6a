import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { Link } from 'react-router';
import { ChevronLeftRegular } from './icons';
import { useLinkStyles } from './link-styles';

const useStyles = makeStyles({
  root: { display: 'inline-flex', alignItems: 'center', gap: '4px', alignSelf: 'flex-start', fontSize: tokens.fontSizeBase200 },
});

/** The way up from a detail page to its list. */
export function BackLink({ to, children }: { to: string; children: string }) {
  const styles = useStyles();
  const link = useLinkStyles();
  return (
    <Link to={to} className={mergeClasses(link.root, styles.root)}>
      <ChevronLeftRegular aria-hidden />
      {children}
    </Link>
  );
}
