import { Badge, Button, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { Link, useNavigate } from 'react-router';
import { typeTitle } from '../../api/connection-types';
import type { ConnectionType } from '../../api/types';
import { TypeIcon } from '../../components/type-icon';
import { useLinkStyles } from '../../components/link-styles';
import { texts } from './texts';
import { useNewPath } from './use-new-path';

const useStyles = makeStyles({
  root: {
    display: 'flex',
    flexDirection: 'column',
    gap: '12px',
    padding: '16px',
    minHeight: '196px',
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    transitionProperty: 'box-shadow',
    transitionDuration: tokens.durationFast,
    ':hover': { boxShadow: tokens.shadow8 },
  },
  off: { backgroundColor: tokens.colorNeutralBackground3, ':hover': { boxShadow: 'none' } },
  head: { display: 'flex', gap: '12px', alignItems: 'flex-start' },
  names: { minWidth: 0, flexGrow: 1 },
  below: { display: 'flex', alignItems: 'center', flexWrap: 'wrap', columnGap: '8px' },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeBase400,
    lineHeight: tokens.lineHeightBase400,
    fontWeight: tokens.fontWeightSemibold,
    overflow: 'hidden',
    display: '-webkit-box',
    WebkitLineClamp: 2,
    WebkitBoxOrient: 'vertical',
  },
  subtitle: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  summary: {
    margin: 0,
    color: tokens.colorNeutralForeground2,
    overflow: 'hidden',
    display: '-webkit-box',
    WebkitLineClamp: 4,
    WebkitBoxOrient: 'vertical',
  },
  badge: { whiteSpace: 'nowrap', flexShrink: 0 },
  reason: { margin: 0, color: tokens.colorStatusWarningForeground1 },
  foot: { display: 'flex', alignItems: 'center', justifyContent: 'space-between', gap: '12px', marginTop: 'auto' },
  learn: { fontSize: tokens.fontSizeBase200, minWidth: 0, whiteSpace: 'nowrap' },
  button: { flexShrink: 0 },
});

export function TypeTile({ type }: { type: ConnectionType }) {
  const styles = useStyles();
  const link = useLinkStyles();
  const navigate = useNavigate();
  const newPath = useNewPath();
  const isExport = type.serves.includes('export');
  const title = typeTitle(type);
  return (
    <article className={mergeClasses(styles.root, !type.enabled && styles.off)} aria-label={title}>
      <div className={styles.head}>
        <TypeIcon type={type.id} size={32} />
        <div className={styles.names}>
          <h3 className={styles.title} title={title}>
            {title}
          </h3>
          <div className={styles.below}>
            <span className={styles.subtitle}>{type.subtitle}</span>
            {type.community && (
              <Badge appearance="outline" color="informative" size="small" className={styles.badge} title={texts.community_line}>
                {texts.community}
              </Badge>
            )}
            {type.connections ? (
              <Badge appearance="tint" color="brand" size="small" className={styles.badge}>
                {texts.connections_badge(type.connections)}
              </Badge>
            ) : null}
          </div>
        </div>
      </div>
      <p className={styles.summary} title={type.summary}>
        {type.summary}
      </p>
      {!type.enabled && type.disabled_reason && <p className={styles.reason}>{type.disabled_reason}</p>}
      <div className={styles.foot}>
        <Link to={type.help} className={mergeClasses(link.root, styles.learn)} title={texts.learn_about(type.title, isExport)}>
          {texts.learn_about(type.title, isExport)}
        </Link>
        <Button
          className={styles.button}
          disabled={!type.enabled}
          aria-label={texts.set_up_type(title)}
          onClick={() => void navigate(newPath(type.id))}
        >
          {texts.set_up}
        </Button>
      </div>
    </article>
  );
}
