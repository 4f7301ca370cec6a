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
  heading: { ':focus': { outline: 'none' } },
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

interface PaneProps {
  size?: 'medium' | 'wide';
  onClose: () => void;
  /** A PaneContent, or something that draws one; it may change while the pane stays. */
  children: ReactNode;
}

/**
 * A pane at the right edge over a dimmed page. It is part of the page while it is mounted: opened by a route, closed by
 * leaving it. The focus goes in with it and back to where it was, or to the page's title if that has gone.
 */
export function Pane({ size = 'medium', onClose, children }: PaneProps) {
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
      {children}
    </OverlayDrawer>
  );
}

interface ContentProps {
  title: string;
  icon?: ReactNode;
  line?: ReactNode;
  onClose: () => void;
  footer: ReactNode;
  children: ReactNode;
}

const kFirstField = 'input:not([disabled]):not([type=file]), textarea:not([disabled]), [role=combobox]:not([disabled])';

/** Title, scrolling body and footer of a pane. Starts at its first field, or at its title when there is none. */
export function PaneContent({ title, icon, line, onClose, footer, children }: ContentProps) {
  const styles = useStyles();
  const body = useRef<HTMLDivElement>(null);
  const heading = useRef<HTMLSpanElement>(null);

  useEffect(() => {
    const timer = setTimeout(() => (body.current?.querySelector<HTMLElement>(kFirstField) ?? heading.current)?.focus());
    return () => clearTimeout(timer);
  }, []);

  return (
    <>
      <DrawerHeader>
        <DrawerHeaderTitle
          heading={{ className: styles.title }}
          action={<Button appearance="subtle" aria-label={texts.close} icon={<DismissRegular />} onClick={onClose} />}
        >
          {icon}
          <span ref={heading} tabIndex={-1} className={styles.heading}>
            {title}
          </span>
        </DrawerHeaderTitle>
        {line && <p className={styles.line}>{line}</p>}
      </DrawerHeader>
      <DrawerBody ref={body} className={styles.body}>
        {children}
      </DrawerBody>
      {footer && <DrawerFooter className={styles.footer}>{footer}</DrawerFooter>}
    </>
  );
}
