import { makeStyles, tokens } from '@fluentui/react-components';

const useStyles = makeStyles({
  root: { position: 'absolute', left: 0, right: 0, bottom: 0, width: '100%', height: '38vh', color: tokens.colorBrandBackground },
});

/** Three still waves at the foot of the page. */
export function Water() {
  const styles = useStyles();
  return (
    <svg className={styles.root} viewBox="0 0 1440 400" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <path fill="currentColor" opacity="0.1" d="M0 120c180-70 360-70 540-10s360 80 540 20 270-60 360-40v310H0z" />
      <path fill="currentColor" opacity="0.14" d="M0 200c160-40 340-50 520 0s380 60 560 10 270-50 360-30v220H0z" />
      <path fill="currentColor" opacity="0.2" d="M0 280c220-50 380-30 560 0s360 40 520 10 260-40 360-20v130H0z" />
    </svg>
  );
}
