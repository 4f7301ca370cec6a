import { Badge, Button, makeStyles, mergeClasses, Skeleton, SkeletonItem, tokens } from '@fluentui/react-components';
import { useEffect, useRef } from 'react';
import { Link } from 'react-router';
import type { Notice } from '../../api/types';
import { EmptyState } from '../../components/empty-state';
import { ErrorState } from '../../components/error-state';
import { CheckmarkRegular, ErrorCircleFilled, InfoFilled, WarningFilled } from '../../components/icons';
import { useLinkStyles } from '../../components/link-styles';
import { useNotify } from '../../components/notify';
import { RelativeTime } from '../../components/relative-time';
import { insidePath } from '../../lib/paths';
import { texts as common } from '../../lib/texts';
import { useMarkRead, type useNotices } from './api';
import { texts } from './texts';

const useStyles = makeStyles({
  head: {
    display: 'flex',
    alignItems: 'center',
    justifyContent: 'space-between',
    gap: '12px',
    padding: '12px 12px 12px 16px',
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  title: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold, ':focus': { outline: 'none' } },
  list: { listStyleType: 'none', margin: 0, padding: 0, overflowY: 'auto', minHeight: 0 },
  item: {
    display: 'grid',
    gridTemplateColumns: '20px minmax(0, 1fr) 32px',
    gap: '2px 10px',
    padding: '12px 12px 12px 16px',
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
  },
  unread: { backgroundColor: tokens.colorBrandBackground2, boxShadow: `inset 3px 0 0 ${tokens.colorCompoundBrandBackground}` },
  icon: { fontSize: '18px', marginTop: '1px' },
  error: { color: tokens.colorStatusDangerForeground1 },
  warning: { color: tokens.colorStatusWarningForeground1 },
  info: { color: tokens.colorBrandForeground1 },
  body: { display: 'flex', flexDirection: 'column', gap: '2px', minWidth: 0, overflowWrap: 'anywhere' },
  plain: { fontWeight: tokens.fontWeightSemibold },
  foot: { display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: '4px 8px', color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  more: { padding: '8px', textAlign: 'center' },
  hidden: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
});

const kIcon = { error: ErrorCircleFilled, warning: WarningFilled, info: InfoFilled };

function Item({ notice, onOpen, onRead }: { notice: Notice; onOpen: () => void; onRead: () => void }) {
  const styles = useStyles();
  const link = useLinkStyles();
  const Icon = kIcon[notice.severity] ?? InfoFilled;
  const to = insidePath(notice.link);
  return (
    <li className={mergeClasses(styles.item, !notice.is_read && styles.unread)}>
      <Icon className={mergeClasses(styles.icon, styles[notice.severity])} aria-hidden />
      <div className={styles.body}>
        <span className={styles.hidden}>{[!notice.is_read && texts.unread, texts.severity[notice.severity]].filter(Boolean).join(', ')}:</span>
        {to ? (
          <Link to={to} className={mergeClasses(link.root, link.strong)} style={{ whiteSpace: 'normal' }} onClick={onOpen}>
            {notice.title}
          </Link>
        ) : (
          <span className={styles.plain}>{notice.title}</span>
        )}
        {notice.detail && <span>{notice.detail}</span>}
        <span className={styles.foot}>
          <RelativeTime at={notice.at} />
          {notice.count > 1 && <span>· {texts.times(notice.count)}</span>}
          {notice.is_resolved && (
            <Badge appearance="tint" color="success" size="small">
              {texts.resolved}
            </Badge>
          )}
        </span>
      </div>
      {!notice.is_read && (
        <Button size="small" appearance="subtle" icon={<CheckmarkRegular />} aria-label={texts.mark_read(notice.title)} title={texts.mark_read('').replace(/: $/, '')} onClick={onRead} />
      )}
    </li>
  );
}

interface Props {
  query: ReturnType<typeof useNotices>;
  unread: number;
  onClose: () => void;
}

export function NoticeList({ query, unread, onClose }: Props) {
  const styles = useStyles();
  const notify = useNotify();
  const mark = useMarkRead();
  const heading = useRef<HTMLHeadingElement>(null);
  // The focus goes in also when there is nothing in it that could take it.
  useEffect(() => {
    const timer = setTimeout(() => heading.current?.focus());
    return () => clearTimeout(timer);
  }, []);
  const items = query.data?.pages.flatMap((page) => page.items);
  const read = (id: string | null) => mark.mutate(id, { onError: (error) => notify.failure(texts.mark_failed, error) });

  const body = () => {
    if (query.isError && !items) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
    if (!items) return <Skeleton aria-label={common.loading} style={{ padding: 16 }}><SkeletonItem size={72} /></Skeleton>;
    if (items.length === 0) return <EmptyState title={texts.empty_title}>{texts.empty_text}</EmptyState>;
    return (
      <ul className={styles.list} aria-label={texts.list} tabIndex={-1}>
        {items.map((notice) => (
          <Item
            key={notice.id}
            notice={notice}
            onRead={() => read(notice.id)}
            onOpen={() => {
              if (!notice.is_read) read(notice.id);
              onClose();
            }}
          />
        ))}
        {query.hasNextPage && (
          <li className={styles.more}>
            <Button size="small" appearance="subtle" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {common.show_more}
            </Button>
          </li>
        )}
      </ul>
    );
  };

  return (
    <>
      <div className={styles.head}>
        <h2 ref={heading} tabIndex={-1} className={styles.title}>
          {texts.title}
        </h2>
        {unread > 0 && (
          <Button size="small" appearance="subtle" disabled={mark.isPending} onClick={() => read(null)}>
            {texts.mark_all}
          </Button>
        )}
      </div>
      {body()}
    </>
  );
}
