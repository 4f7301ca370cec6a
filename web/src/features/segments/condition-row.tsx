import { Button, makeStyles, tokens } from '@fluentui/react-components';
import type { Column } from '../../api/types';
import { DeleteRegular } from '../../components/icons';
import { SelectField } from '../../components/select-field';
import { operatorsOf, withColumn, withOperator, type ConditionDraft } from './rule';
import { texts } from './texts';
import { ValueEditor } from './value-editor';

const useStyles = makeStyles({
  row: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1.1fr) minmax(0, 1fr) minmax(0, 1.3fr) 32px',
    gap: '8px',
    alignItems: 'start',
    '@media (max-width: 640px)': { gridTemplateColumns: 'minmax(0, 1fr) 32px' },
  },
  wide: { '@media (max-width: 640px)': { gridColumn: '1 / -1' } },
  menu: { '@media (max-width: 640px)': { gridRow: 1, gridColumn: 2 } },
  problem: { gridColumn: '1 / -1', color: tokens.colorStatusDangerForeground1, fontSize: tokens.fontSizeBase200 },
});

interface Props {
  condition: ConditionDraft;
  columns: Column[];
  number: string;
  problem?: string;
  removable: boolean;
  onChange: (condition: ConditionDraft) => void;
  onRemove: () => void;
}

export function ConditionRow({ condition, columns, number, problem, removable, onChange, onRemove }: Props) {
  const styles = useStyles();
  const column = columns.find((c) => c.name === condition.column);
  return (
    <div className={styles.row}>
      <SelectField
        aria-label={texts.column_label(number)}
        placeholder={texts.choose_column}
        value={condition.column}
        choices={columns.map((c) => ({ value: c.name, title: c.name }))}
        onChange={(name) => onChange(withColumn(condition, columns.find((c) => c.name === name)!, column))}
      />
      <SelectField
        className={styles.wide}
        aria-label={texts.operator_label(number)}
        disabled={!column}
        value={condition.operator}
        choices={operatorsOf(column?.type).map((value) => ({ value, title: texts.operator[value] ?? value }))}
        onChange={(operator) => onChange(withOperator(condition, operator))}
      />
      <div className={styles.wide}>
        {column && (
          <ValueEditor
            condition={condition}
            type={column.type}
            number={number}
            onChange={(values) => onChange({ ...condition, values })}
          />
        )}
      </div>
      <Button
        className={styles.menu}
        appearance="subtle"
        icon={<DeleteRegular />}
        aria-label={texts.remove_condition(number)}
        disabled={!removable}
        onClick={onRemove}
      />
      {problem && (
        <span className={styles.problem} role="alert">
          {problem}
        </span>
      )}
    </div>
  );
}
