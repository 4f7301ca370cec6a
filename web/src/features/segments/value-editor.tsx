import { Input, makeStyles } from '@fluentui/react-components';
import type { ColumnType } from '../../api/types';
import { SelectField } from '../../components/select-field';
import { arityOf, type ConditionDraft } from './rule';
import { texts } from './texts';
import { TokenInput } from './token-input';

const useStyles = makeStyles({
  two: { display: 'flex', alignItems: 'center', gap: '8px', minWidth: 0 },
  input: { minWidth: 0, width: '100%' },
});

const kInputType: Partial<Record<ColumnType, 'date' | 'datetime-local'>> = { date: 'date', timestamp: 'datetime-local' };

interface Props {
  condition: ConditionDraft;
  type: ColumnType | undefined;
  /** "2" or "3.1": which condition, for the names of the boxes. */
  number: string;
  onChange: (values: string[]) => void;
}

export function ValueEditor({ condition, type = 'text', number, onChange }: Props) {
  const styles = useStyles();
  const { values } = condition;
  const isNumber = type === 'integer' || type === 'decimal';

  const box = (index: 0 | 1, label: string) => (
    <Input
      className={styles.input}
      aria-label={label}
      type={kInputType[type] ?? 'text'}
      inputMode={isNumber ? 'decimal' : undefined}
      placeholder={kInputType[type] ? undefined : texts.value}
      value={values[index] ?? ''}
      onChange={(_, data) => {
        const next = [...values];
        next[index] = data.value;
        onChange(Array.from(next, (v) => v ?? ''));
      }}
    />
  );

  switch (arityOf(condition.operator)) {
    case 'none':
      return null;
    case 'many':
      return <TokenInput label={texts.value_label(number)} values={values} onChange={onChange} />;
    case 'two':
      return (
        <div className={styles.two}>
          {box(0, texts.from_label(number))}
          {texts.and}
          {box(1, texts.to_label(number))}
        </div>
      );
    case 'one':
      if (type !== 'boolean') return box(0, texts.value_label(number));
      return (
        <SelectField
          aria-label={texts.value_label(number)}
          value={values[0] ?? ''}
          choices={[
            { value: 'true', title: texts.yes },
            { value: 'false', title: texts.no },
          ]}
          onChange={(value) => onChange([value])}
        />
      );
  }
}
