import { makeStyles } from '@fluentui/react-components';
import { useConnectionType } from '../api/connection-types';
import { PlugConnectedRegular } from './icons';

const useStyles = makeStyles({ root: { display: 'inline-block', flexShrink: 0, verticalAlign: 'middle', objectFit: 'contain' } });

/** The icon of a connection type; decoration only, the name stands beside it. */
export function TypeIcon({ type, size = 20 }: { type: string; size?: number }) {
  const styles = useStyles();
  const found = useConnectionType(type);
  if (!found?.icon) return <PlugConnectedRegular fontSize={size} aria-hidden />;
  return <img src={found.icon} alt="" width={size} height={size} className={styles.root} />;
}
