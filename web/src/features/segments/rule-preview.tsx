import { Button, makeStyles, ProgressBar, Spinner, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import type { SegmentPreview } from '../../api/types';
import { RowsGrid } from '../../components/rows-grid';
import { texts } from './texts';

const useStyles = makeStyles({
  root: {
    display: 'flex',
    flexDirection: 'column',
    gap: '10px',
    padding: '14px 16px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  row: { display: 'flex', alignItems: 'center', gap: '12px', flexWrap: 'wrap' },
  count: { fontSize: tokens.fontSizeBase500, fontWeight: tokens.fontWeightSemibold, fontVariantNumeric: 'tabular-nums' },
  soft: { color: tokens.colorNeutralForeground2 },
  grow: { flexGrow: 1 },
});

const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });

interface Props {
  preview: SegmentPreview | undefined;
  counting: boolean;
  complete: boolean;
}

/** How many customers fit the rule as it stands, and who they are. */
export function RulePreview({ preview, counting, complete }: Props) {
  const styles = useStyles();
  const [open, setOpen] = useState(false);
  const shown = complete ? preview : undefined;
  const share = shown && shown.total > 0 ? shown.members / shown.total : 0;
  return (
    <div className={styles.root}>
      <div className={styles.row}>
        <span role="status">
          {!complete && <span className={styles.soft}>{texts.preview_waiting}</span>}
          {complete && !shown && counting && <span className={styles.soft}>{texts.counting}</span>}
          {shown && (
            <>
              <span className={styles.count}>{texts.preview_count(shown.members, shown.total)}</span>{' '}
              <span className={styles.soft}>({percent.format(share)})</span>
            </>
          )}
        </span>
        {counting && <Spinner size="tiny" aria-label={texts.counting} />}
        <div className={styles.grow} />
        {shown && shown.members > 0 && (
          <Button size="small" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? texts.hide_sample : texts.show_sample}
          </Button>
        )}
      </div>
      {shown && <ProgressBar value={share} aria-hidden />}
      {open && shown && shown.members > 0 && <RowsGrid label={texts.sample} size="small" data={shown.sample} />}
    </div>
  );
}
