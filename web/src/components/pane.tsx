import {
  Button,
  DrawerBody,
  DrawerFooter,
  DrawerHeader,
  DrawerHeaderTitle,
  makeStyles,
  mergeClasses,
  OverlayDrawer,
  tokens,
} from '@fluentui/react-components';
import { useEffect, useRef, type ReactNode } from 'react';
import { DismissRegular } from './icons';
import { texts } from '../lib/texts';

const useStyles = makeStyles({
  root: { maxWidth: '100vw', '@media (max-width: 640px)': { width: '100vw' } },
  medium: { width: '560px' },
  wide: { width: '860px' },
  title: { display: 'flex', alignItems: 'center', gap: '10px', overflowWrap: 'anywhere' },
  icon: { width: '24px', height: '24px', flexShrink: 0 },
  line: { margin: 0, color: tokens.colorNeutralForeground2, paddingBottom: '4px' },
  body: { paddingTop: '8px', paddingBottom: '24px', overflowX: 'hidden' },
  footer: {
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    padding: '12px 24px',
    rowGap: '8px',
    '@media (max-width: 640px)': { padding: '12px 16px' },
    justifyContent: 'flex-start',
    flexWrap: 'wrap',
  },
});

interface Props {
  title: string;
  icon?: ReactNode;
  line?: ReactNode;
  size?: 'medium' | 'wide';
  onClose: () => void;
  footer: ReactNode;
  children: ReactNode;
}

/**
 * A form at the right edge over a dimmed page. It is part of the page while it is mounted: opened by a route, closed by
 * leaving it. The focus goes in with it and back to where it was, or to the page's title if that has gone.
 */
export function Pane({ title, icon, line, size = 'medium', onClose, footer, children }: Props) {
  const styles = useStyles();
  const before = useRef<Element | null>(null);
  if (before.current === null) before.current = document.activeElement;

  useEffect(() => {
    const target = before.current;
    return () => {
      setTimeout(() => {
        if (document.activeElement && document.activeElement !== document.body) return;
        const back = target instanceof HTMLElement && target.isConnected && target !== document.body;
        (back ? target : document.querySelector<HTMLElement>('[data-page-title]'))?.focus();
      });
    };
  }, []);

  return (
    <OverlayDrawer
      open
      position="end"
      modalType="modal"
      className={mergeClasses(styles.root, size === 'wide' ? styles.wide : styles.medium)}
      onOpenChange={(event, data) => {
        // A click beside the pane must not throw away a form.
        if (!data.open && event.type !== 'click') onClose();
      }}
    >
      <DrawerHeader>
        <DrawerHeaderTitle
          heading={{ className: styles.title }}
          action={<Button appearance="subtle" aria-label={texts.close} icon={<DismissRegular />} onClick={onClose} />}
        >
          {icon}
          {title}
        </DrawerHeaderTitle>
        {line && <p className={styles.line}>{line}</p>}
      </DrawerHeader>
      <DrawerBody className={styles.body}>{children}</DrawerBody>
      <DrawerFooter className={styles.footer}>{footer}</DrawerFooter>
    </OverlayDrawer>
  );
}
