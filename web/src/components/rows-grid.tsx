import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import type { Rows } from '../api/types';
import { texts } from '../lib/texts';

const useStyles = makeStyles({
  scroll: {
    overflow: 'auto',
    maxHeight: 'min(70vh, 720px)',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  small: { maxHeight: '320px' },
  table: { borderCollapse: 'separate', borderSpacing: 0, minWidth: '100%', fontSize: tokens.fontSizeBase200 },
  head: {
    position: 'sticky',
    top: 0,
    zIndex: 1,
    textAlign: 'start',
    verticalAlign: 'bottom',
    whiteSpace: 'nowrap',
    padding: '8px 12px',
    backgroundColor: tokens.colorNeutralBackground2,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    fontWeight: tokens.fontWeightSemibold,
  },
  cell: {
    padding: '6px 12px',
    whiteSpace: 'nowrap',
    maxWidth: '280px',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
  },
  none: { color: tokens.colorNeutralForeground3, fontStyle: 'italic' },
  empty: { padding: '24px', textAlign: 'center', color: tokens.colorNeutralForeground2 },
});

interface Props {
  label: string;
  data: Rows;
  size?: 'small' | 'large';
  /** Below the name in the header, by column index. */
  headerExtra?: (index: number) => ReactNode;
}

/** A sample of rows as they are; cells without a value say so. */
export function RowsGrid({ label, data, size = 'large', headerExtra }: Props) {
  const styles = useStyles();
  return (
    // The box scrolls both ways, so the keyboard must be able to reach it.
    <div className={mergeClasses(styles.scroll, size === 'small' && styles.small)} role="group" aria-label={label} tabIndex={0}>
      <table className={styles.table} aria-label={label}>
        <thead>
          <tr>
            {data.columns.map((column, index) => (
              <th key={index} scope="col" className={styles.head}>
                {column}
                {headerExtra?.(index)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.rows.map((row, index) => (
            <tr key={index}>
              {row.map((value, at) => (
                <td key={at} className={styles.cell} title={value ?? undefined}>
                  {value === null || value === '' ? <span className={styles.none}>{texts.null_value}</span> : value}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {data.rows.length === 0 && <div className={styles.empty}>{texts.sample_empty}</div>}
    </div>
  );
}
