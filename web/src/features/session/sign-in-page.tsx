import { makeStyles, tokens } from '@fluentui/react-components';
import { useNavigate, useSearchParams } from 'react-router';
import { ProductMark } from '../../components/product-mark';
import { usePageTitle } from '../../lib/hooks';
import { insidePath } from '../../lib/paths';
import { SignInForm } from './sign-in-form';
import { texts } from './texts';
import { Water } from './water';

const useStyles = makeStyles({
  root: {
    position: 'relative',
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    justifyContent: 'center',
    minHeight: '100vh',
    padding: '24px 16px 15vh',
    overflow: 'hidden',
    backgroundColor: tokens.colorNeutralBackground3,
  },
  card: {
    position: 'relative',
    width: '100%',
    maxWidth: '400px',
    padding: '40px 40px 44px',
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusXLarge,
    boxShadow: tokens.shadow16,
    '@media (max-width: 480px)': { padding: '28px 24px 32px' },
  },
  brand: { display: 'flex', alignItems: 'center', gap: '12px', marginBottom: '8px' },
  product: { fontSize: tokens.fontSizeHero800, fontWeight: tokens.fontWeightSemibold, letterSpacing: '-0.01em' },
  tagline: { margin: '0 0 28px', color: tokens.colorNeutralForeground2 },
  title: { margin: '0 0 16px', fontSize: tokens.fontSizeBase500, fontWeight: tokens.fontWeightSemibold },
});

export function SignInPage() {
  const styles = useStyles();
  const navigate = useNavigate();
  const [params] = useSearchParams();
  usePageTitle(texts.title);
  return (
    <main className={styles.root}>
      <Water />
      <div className={styles.card}>
        <div className={styles.brand}>
          <ProductMark width={40} height={40} />
          <span className={styles.product}>{texts.product}</span>
        </div>
        <p className={styles.tagline}>{texts.tagline}</p>
        <h1 className={styles.title}>{texts.title}</h1>
        <SignInForm onSignedIn={() => void navigate(insidePath(params.get('to')) ?? '/', { replace: true })} />
      </div>
    </main>
  );
}
