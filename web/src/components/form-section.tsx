import { makeStyles, tokens } from '@fluentui/react-components';
import { useId, type ReactNode } from 'react';
import { texts } from '../lib/texts';

const useStyles = makeStyles({
  root: {
    display: 'flex',
    flexDirection: 'column',
    gap: '16px',
    padding: '20px 0',
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    ':last-of-type': { borderBottomStyle: 'none' },
    minWidth: 0,
  },
  head: { display: 'flex', flexDirection: 'column', gap: '4px' },
  title: { margin: 0, fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400, fontWeight: tokens.fontWeightSemibold },
  line: { margin: 0, color: tokens.colorNeutralForeground2 },
  note: { margin: 0, color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  star: { color: tokens.colorStatusDangerForeground1 },
});

/** A part of a form, divided from the next by a thin line. */
export function FormSection({ title, line, children }: { title?: string; line?: ReactNode; children: ReactNode }) {
  const styles = useStyles();
  const id = useId();
  return (
    <section className={styles.root} aria-labelledby={title ? id : undefined}>
      {title && (
        <div className={styles.head}>
          <h3 id={id} className={styles.title}>
            {title}
          </h3>
          {line && <p className={styles.line}>{line}</p>}
        </div>
      )}
      {children}
    </section>
  );
}

export function RequiredNote() {
  const styles = useStyles();
  return (
    <p className={styles.note}>
      <span className={styles.star}>*</span> {texts.required_note}
    </p>
  );
}
