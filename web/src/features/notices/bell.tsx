import { Button, CounterBadge, makeStyles, Popover, PopoverSurface, PopoverTrigger, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { AlertRegular } from '../../components/icons';
import { useNotices } from './api';
import { NoticeList } from './notice-list';
import { texts } from './texts';

const useStyles = makeStyles({
  trigger: { position: 'relative', display: 'inline-flex' },
  badge: { position: 'absolute', top: '2px', right: '2px', pointerEvents: 'none' },
  surface: {
    width: 'min(420px, calc(100vw - 16px))',
    maxHeight: 'min(640px, calc(100vh - 72px))',
    padding: 0,
    display: 'flex',
    flexDirection: 'column',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
  },
});

/** The bell of the header (UI-25). `className` is the look of the header's buttons. */
export function NoticeBell({ className }: { className: string }) {
  const styles = useStyles();
  const [open, setOpen] = useState(false);
  const notices = useNotices();
  const unread = notices.data?.pages[0]?.unread ?? 0;
  return (
    <Popover open={open} onOpenChange={(_, data) => setOpen(data.open)} positioning={{ position: 'below', align: 'end', overflowBoundaryPadding: 8 }} trapFocus>
      <span className={styles.trigger}>
        <PopoverTrigger disableButtonEnhancement>
          <Button appearance="subtle" className={className} icon={<AlertRegular />} aria-label={texts.bell(unread)} title={texts.bell(unread)} />
        </PopoverTrigger>
        {unread > 0 && <CounterBadge className={styles.badge} count={unread} size="small" color="danger" aria-hidden="true" />}
      </span>
      <PopoverSurface className={styles.surface} aria-label={texts.title}>
        <NoticeList query={notices} unread={unread} onClose={() => setOpen(false)} />
      </PopoverSurface>
    </Popover>
  );
}
