import { Button, Input, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { AddRegular, ArrowUpRegular, DeleteRegular } from '../../components/icons';
import { SelectField } from '../../components/select-field';
import { newRow, type MapRow } from './mapping';
import { texts } from './texts';
import type { ExportDraftState } from './use-export-draft';

const kNarrow = '@media (max-width: 640px)';

const useStyles = makeStyles({
  rows: { display: 'flex', flexDirection: 'column', gap: '8px', maxWidth: '720px' },
  row: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 1fr) 68px',
    gap: '4px 8px',
    alignItems: 'center',
    [kNarrow]: { gridTemplateColumns: 'minmax(0, 1fr) 68px', paddingBottom: '8px', borderBottom: `1px solid ${tokens.colorNeutralStroke3}` },
  },
  head: { [kNarrow]: { display: 'none' } },
  title: { fontWeight: tokens.fontWeightSemibold },
  // In a stack of rows each box needs its own caption; its name for screen readers has the number of the row as well.
  caption: { display: 'none', fontSize: tokens.fontSizeBase200, color: tokens.colorNeutralForeground2, [kNarrow]: { display: 'block' } },
  star: { color: tokens.colorStatusDangerForeground1 },
  box: { minWidth: 0 },
  input: { width: '100%', minWidth: 0 },
  tools: { display: 'flex', justifyContent: 'flex-end', [kNarrow]: { gridColumn: '2', gridRow: '1', alignSelf: 'end' } },
  problem: { gridColumn: '1 / -1', margin: 0, color: tokens.colorStatusDangerForeground1, fontSize: tokens.fontSizeBase200 },
  add: { alignSelf: 'flex-start' },
});

interface Props {
  state: ExportDraftState;
  readOnly: boolean;
}

/** Any column under any name; the order of the rows is the order in which they are sent (EXP-38). */
export function FreeRows({ state, readOnly }: Props) {
  const styles = useStyles();
  const { draft, columns, changeRows } = state;
  const { rows } = draft;

  const set = (row: MapRow, next: Partial<MapRow>) => changeRows(rows.map((r) => (r.key === row.key ? { ...r, ...next, is_proposed: false } : r)));
  // The name of the column is a good name, until the person has typed another.
  const setColumn = (row: MapRow, column: string) => set(row, { column, ...(row.name === '' || row.name === row.column ? { name: column } : {}) });
  const moveUp = (index: number) => {
    const next = [...rows];
    next.splice(index - 1, 0, ...next.splice(index, 1));
    changeRows(next);
  };

  return (
    <div className={styles.rows}>
      <div className={mergeClasses(styles.row, styles.head)} aria-hidden>
        {[texts.source, texts.target].map((title) => (
          <span key={title} className={styles.title}>
            {title} <span className={styles.star}>*</span>
          </span>
        ))}
      </div>
      {rows.map((row, index) => {
        const title = texts.row_title(row.name, index + 1);
        const problem = state.errors.mapping[row.name.trim()] ?? state.row_problems[row.key];
        const gone = row.column !== '' && !columns.includes(row.column) ? [row.column] : [];
        return (
          <div key={row.key} className={styles.row} role="group" aria-label={title}>
            <div className={styles.box}>
              <span className={styles.caption} aria-hidden>
                {texts.source}
              </span>
              <SelectField
                aria-label={texts.source_of(index + 1)}
                value={row.column}
                placeholder={texts.choose_column}
                disabled={readOnly}
                choices={[...gone, ...columns].map((c) => ({ value: c, title: c }))}
                onChange={(column) => setColumn(row, column)}
              />
            </div>
            <div className={styles.box}>
              <span className={styles.caption} aria-hidden>
                {texts.target}
              </span>
              <Input
                className={styles.input}
                aria-label={texts.target_of(index + 1)}
                aria-invalid={problem ? true : undefined}
                aria-describedby={problem ? `${row.key}-problem` : undefined}
                placeholder={texts.target_placeholder}
                autoComplete="off"
                value={row.name}
                disabled={readOnly}
                onChange={(_, data) => set(row, { name: data.value })}
              />
            </div>
            <div className={styles.tools}>
              {!readOnly && index > 0 && (
                <Button appearance="subtle" icon={<ArrowUpRegular />} aria-label={texts.move_up(title)} title={texts.move_up(title)} onClick={() => moveUp(index)} />
              )}
              {!readOnly && rows.length > 1 && (
                <Button
                  appearance="subtle"
                  icon={<DeleteRegular />}
                  aria-label={texts.remove_attribute(title)}
                  title={texts.remove_attribute(title)}
                  onClick={() => changeRows(rows.filter((r) => r.key !== row.key))}
                />
              )}
            </div>
            {problem && (
              <p id={`${row.key}-problem`} className={styles.problem} role="alert">
                {problem}
              </p>
            )}
          </div>
        );
      })}
      {!readOnly && (
        <Button className={styles.add} appearance="subtle" icon={<AddRegular />} onClick={() => changeRows([...rows, newRow('', undefined)])}>
          {texts.add_attribute}
        </Button>
      )}
    </div>
  );
}
