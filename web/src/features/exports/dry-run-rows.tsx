import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { DryRun, RowCounts } from '../../api/types';
import { formatNumber } from '../../lib/format';
import { indentMessage } from '../../lib/indent-json';
import { texts } from './texts';

const useStyles = makeStyles({
  table: { borderCollapse: 'collapse', width: '100%', maxWidth: '440px' },
  name: { textAlign: 'start', fontWeight: tokens.fontWeightRegular, padding: '4px 12px 4px 0', borderBottom: `1px solid ${tokens.colorNeutralStroke3}` },
  number: { textAlign: 'end', fontVariantNumeric: 'tabular-nums', padding: '4px 0', borderBottom: `1px solid ${tokens.colorNeutralStroke3}` },
  part: { paddingLeft: '16px', color: tokens.colorNeutralForeground2 },
  total: { fontWeight: tokens.fontWeightSemibold },
  heading: { margin: '8px 0 0', fontSize: tokens.fontSizeBase200, fontWeight: tokens.fontWeightSemibold },
  list: { margin: 0, paddingLeft: '18px', color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' },
  line: { margin: 0, color: tokens.colorNeutralForeground2 },
  bytes: {
    margin: '4px 0 0',
    padding: '8px 12px',
    overflow: 'auto',
    maxHeight: '240px',
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase300,
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
  },
});

/** It scrolls by itself, so the keyboard must be able to reach it. */
export function FirstBytes({ label, children }: { label: string; children: string }) {
  const styles = useStyles();
  return (
    <pre className={styles.bytes} tabIndex={0} role="group" aria-label={label}>
      {children}
    </pre>
  );
}

const kAlways: (keyof RowCounts)[] = ['rows_read', 'added', 'changed', 'unchanged', 'omitted', 'to_send'];

interface Props {
  table: DryRun['tables'][number];
  counts: RowCounts;
}

/** What would become of the rows of a segment, why some are left out, and the first request as it would be sent. */
export function DryRunRows({ table, counts }: Props) {
  const styles = useStyles();
  const shown = (Object.keys(texts.dry_run_count) as (keyof RowCounts)[]).filter((name) => kAlways.includes(name) || (counts[name] ?? 0) > 0);
  const reasons = table.omitted_reasons ?? [];
  return (
    <>
      <table className={styles.table} aria-label={texts.dry_run_counts(table.name)}>
        <tbody>
          {shown.map((name) => (
            <tr key={name}>
              <th scope="row" className={mergeClasses(styles.name, name === 'duplicates' && styles.part, name === 'to_send' && styles.total)}>
                {texts.dry_run_count[name]}
              </th>
              <td className={mergeClasses(styles.number, name === 'to_send' && styles.total)}>{formatNumber(counts[name] ?? 0)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {reasons.length > 0 && (
        <>
          <h4 className={styles.heading}>{texts.dry_run_omitted}</h4>
          <ul className={styles.list}>
            {reasons.map((reason) => (
              <li key={reason.reason}>
                {texts.dry_run_omitted_rows(reason.rows)}: {reason.detail}
              </li>
            ))}
          </ul>
        </>
      )}
      {table.first_bytes === '' ? (
        <p className={styles.line}>{texts.dry_run_no_request}</p>
      ) : (
        <>
          <h4 className={styles.heading}>{texts.dry_run_request_title}</h4>
          <FirstBytes label={texts.dry_run_request(table.name)}>{indentMessage(table.first_bytes)}</FirstBytes>
        </>
      )}
    </>
  );
}
