import { makeStyles, mergeClasses, MessageBar, MessageBarBody, Tag, TagGroup } from '@fluentui/react-components';
import { Link } from 'react-router';
import { usePermission } from '../../api/session';
import type { Export } from '../../api/types';
import { useLinkStyles } from '../../components/link-styles';
import { texts } from './texts';

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', gap: '8px', alignItems: 'flex-start', marginBottom: '12px' },
  bar: { height: 'auto', width: '100%' },
});

interface Props {
  items: Export[] | undefined;
  connectionId: string;
  onRemove: () => void;
}

/** Shown when the list was opened from a connection that somebody wants to remove. */
export function ConnectionFilter({ items, connectionId, onRemove }: Props) {
  const styles = useStyles();
  const link = useLinkStyles();
  const isAdmin = usePermission('connections_manage');
  const name = items?.find((e) => e.connection?.id === connectionId)?.connection?.display_name ?? texts.this_connection;
  return (
    <div className={styles.root}>
      <TagGroup onDismiss={onRemove} aria-label={texts.filter_connection(name)}>
        <Tag dismissible value={connectionId} dismissIcon={{ 'aria-label': texts.remove_filter }}>
          {texts.filter_connection(name)}
        </Tag>
      </TagGroup>
      {isAdmin && (
        <MessageBar intent="info" layout="multiline" className={styles.bar}>
          <MessageBarBody>
            {texts.filter_hint(name)}{' '}
            <Link to="/admin/connections/exports" className={mergeClasses(link.root, link.inText)}>
              {texts.back_to_connections}
            </Link>
          </MessageBarBody>
        </MessageBar>
      )}
    </div>
  );
}
