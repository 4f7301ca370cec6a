import { Checkbox, makeStyles, tokens } from '@fluentui/react-components';
import type { ExportableTable } from '../../api/types';
import { FormSection } from '../../components/form-section';
import { texts } from './texts';

const useStyles = makeStyles({
  table: { border: `1px solid ${tokens.colorNeutralStroke2}`, borderRadius: tokens.borderRadiusLarge, overflow: 'hidden' },
  head: {
    display: 'flex',
    alignItems: 'center',
    gap: '8px',
    padding: '2px 12px 2px 4px',
    backgroundColor: tokens.colorNeutralBackground2,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  name: { fontWeight: tokens.fontWeightSemibold, overflowWrap: 'anywhere', margin: 0, fontSize: tokens.fontSizeBase300 },
  count: { marginLeft: 'auto', color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200, whiteSpace: 'nowrap' },
  grid: { display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(190px, 1fr))', padding: '4px', minInlineSize: 0, margin: 0, border: 'none' },
});

interface Props {
  tables: ExportableTable[];
  columns: Record<string, string[]>;
  readOnly: boolean;
  onChange: (columns: Record<string, string[]>) => void;
}

/** A table that sends everything is absent from `columns`, so that columns it gets later are sent as well. */
export function ColumnsPage({ tables, columns, readOnly, onChange }: Props) {
  const styles = useStyles();

  const set = (table: ExportableTable, ticked: Set<string>) => {
    const { [table.name]: _, ...rest } = columns;
    const all = ticked.size === table.columns.length;
    onChange(all ? rest : { ...rest, [table.name]: table.columns.map((c) => c.name).filter((name) => ticked.has(name)) });
  };

  return (
    <FormSection title={texts.columns_title} line={texts.columns_line}>
      {tables.map((table) => {
        const names = table.columns.map((c) => c.name);
        const ticked = new Set(columns[table.name] ?? names);
        return (
          <div key={table.name} className={styles.table}>
            <div className={styles.head}>
              <Checkbox
                aria-label={texts.all_columns(table.display_name)}
                disabled={readOnly}
                checked={ticked.size === names.length ? true : ticked.size === 0 ? false : 'mixed'}
                onChange={() => set(table, ticked.size === names.length ? new Set() : new Set(names))}
              />
              <h4 className={styles.name}>{table.display_name}</h4>
              <span className={styles.count}>{texts.columns_of(ticked.size, names.length)}</span>
            </div>
            <fieldset className={styles.grid} aria-label={table.display_name}>
              {names.map((name) => (
                <Checkbox
                  key={name}
                  label={name}
                  disabled={readOnly}
                  checked={ticked.has(name)}
                  onChange={(_, data) => {
                    const next = new Set(ticked);
                    if (data.checked) next.add(name);
                    else next.delete(name);
                    set(table, next);
                  }}
                />
              ))}
            </fieldset>
          </div>
        );
      })}
    </FormSection>
  );
}
