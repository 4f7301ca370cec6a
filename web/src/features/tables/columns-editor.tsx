import { Checkbox, Input, makeStyles, Select, tokens } from '@fluentui/react-components';
import type { ColumnType, Detected } from '../../api/types';
import { texts } from './texts';
import type { ColumnDraft } from './use-import-draft';

const useStyles = makeStyles({
  scroll: { overflowX: 'auto', border: `1px solid ${tokens.colorNeutralStroke2}`, borderRadius: tokens.borderRadiusLarge },
  table: { width: '100%', minWidth: '620px', borderCollapse: 'collapse' },
  head: {
    textAlign: 'start',
    padding: '8px',
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground2,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  cell: { padding: '4px 8px', borderTop: `1px solid ${tokens.colorNeutralStroke3}`, maxWidth: '200px' },
  text: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  examples: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  input: { width: '100%', minWidth: '120px' },
  problem: { color: tokens.colorStatusDangerForeground1, fontSize: tokens.fontSizeBase200 },
});

interface Props {
  detected: Detected;
  columns: ColumnDraft[];
  errors: Record<string, string>;
  onChange: (columns: ColumnDraft[]) => void;
}

export function ColumnsEditor({ detected, columns, errors, onChange }: Props) {
  const styles = useStyles();
  const set = (source: string, change: Partial<ColumnDraft>) =>
    onChange(columns.map((c) => (c.source === source ? { ...c, ...change } : c)));

  return (
    <div className={styles.scroll}>
      <table className={styles.table} aria-label={texts.columns}>
        <thead>
          <tr>
            {[texts.col_source, texts.col_name, texts.col_type, texts.col_examples].map((title) => (
              <th key={title} scope="col" className={styles.head}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {columns.map((column, index) => {
            const found = detected.columns[index];
            const examples = found?.examples.join(', ');
            const problem = errors[column.source];
            return (
              <tr key={column.source}>
                <td className={`${styles.cell} ${styles.text}`} title={column.source}>
                  <Checkbox
                    label={column.source}
                    aria-label={texts.include(column.source)}
                    checked={column.included}
                    onChange={(_, data) => set(column.source, { included: data.checked === true })}
                  />
                </td>
                <td className={styles.cell}>
                  <Input
                    className={styles.input}
                    size="small"
                    aria-label={texts.column_name(column.source)}
                    aria-invalid={problem ? true : undefined}
                    value={column.name}
                    disabled={!column.included}
                    onChange={(_, data) => set(column.source, { name: data.value })}
                  />
                  {problem && <span className={styles.problem}>{problem}</span>}
                </td>
                <td className={styles.cell}>
                  <Select
                    size="small"
                    aria-label={texts.column_type(column.source)}
                    value={column.type}
                    disabled={!column.included}
                    onChange={(_, data) => set(column.source, { type: data.value as ColumnType })}
                  >
                    {Object.entries(texts.type).map(([value, title]) => (
                      <option key={value} value={value}>
                        {title}
                      </option>
                    ))}
                  </Select>
                </td>
                <td className={`${styles.cell} ${styles.text} ${styles.examples}`} title={examples}>
                  {examples}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
