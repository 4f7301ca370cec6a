import { Button, makeStyles, tokens } from '@fluentui/react-components';
import type { Column, Match } from '../../api/types';
import { AddRegular, DeleteRegular } from '../../components/icons';
import { SelectField } from '../../components/select-field';
import type { FieldProblem } from '../../lib/problem';
import { ConditionRow } from './condition-row';
import { isGroup, newCondition, newGroup, type ConditionDraft, type GroupDraft, type RuleDraft } from './rule';
import { texts } from './texts';

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', gap: '12px' },
  match: { maxWidth: '280px' },
  actions: { display: 'flex', gap: '8px', flexWrap: 'wrap' },
  group: {
    display: 'flex',
    flexDirection: 'column',
    gap: '12px',
    padding: '12px',
    margin: 0,
    minInlineSize: 0,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderLeft: `3px solid ${tokens.colorBrandStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  head: { display: 'flex', justifyContent: 'space-between', gap: '8px' },
});

function MatchField({ value, label, onChange }: { value: Match; label: string; onChange: (match: Match) => void }) {
  const styles = useStyles();
  return (
    <SelectField
      className={styles.match}
      aria-label={label}
      value={value}
      choices={Object.entries(texts.match).map(([match, title]) => ({ value: match, title }))}
      onChange={(match) => onChange(match as Match)}
    />
  );
}

const replaced = <T,>(list: T[], index: number, item: T): T[] => list.map((old, i) => (i === index ? item : old));
const without = <T,>(list: T[], index: number): T[] => list.filter((_, i) => i !== index);

interface Props {
  rule: RuleDraft;
  columns: Column[];
  /** Pointers begin with "/rule/conditions". */
  errors: FieldProblem[];
  onChange: (rule: RuleDraft) => void;
}

export function RuleBuilder({ rule, columns, errors, onChange }: Props) {
  const styles = useStyles();
  const problemAt = (pointer: string) => errors.find((e) => e.pointer === pointer || e.pointer.startsWith(`${pointer}/`))?.detail;
  const setItem = (index: number, item: ConditionDraft | GroupDraft) =>
    onChange({ ...rule, conditions: replaced(rule.conditions, index, item) });
  const removeItem = (index: number) => onChange({ ...rule, conditions: without(rule.conditions, index) });
  const removable = rule.conditions.length > 1;

  const group = (item: GroupDraft, index: number) => {
    const number = String(index + 1);
    return (
      <fieldset key={index} className={styles.group} aria-label={texts.group(number)}>
        <div className={styles.head}>
          <MatchField
            value={item.match}
            label={texts.match_of_group(index + 1)}
            onChange={(match) => setItem(index, { ...item, match })}
          />
          <Button
            appearance="subtle"
            icon={<DeleteRegular />}
            aria-label={texts.remove_group(number)}
            disabled={!removable}
            onClick={() => removeItem(index)}
          />
        </div>
        {item.conditions.map((condition, inner) => (
          <ConditionRow
            key={inner}
            condition={condition}
            columns={columns}
            number={`${number}.${inner + 1}`}
            problem={problemAt(`/rule/conditions/${index}/conditions/${inner}`)}
            removable={item.conditions.length > 1}
            onChange={(next) => setItem(index, { ...item, conditions: replaced(item.conditions, inner, next) })}
            onRemove={() => setItem(index, { ...item, conditions: without(item.conditions, inner) })}
          />
        ))}
        <div className={styles.actions}>
          <Button
            size="small"
            icon={<AddRegular />}
            aria-label={`${texts.add_condition}, ${texts.group(number)}`}
            onClick={() => setItem(index, { ...item, conditions: [...item.conditions, newCondition()] })}
          >
            {texts.add_condition}
          </Button>
        </div>
      </fieldset>
    );
  };

  return (
    <div className={styles.root}>
      <MatchField value={rule.match} label={texts.match_of_rule} onChange={(match) => onChange({ ...rule, match })} />
      {rule.conditions.map((item, index) =>
        isGroup(item) ? (
          group(item, index)
        ) : (
          <ConditionRow
            key={index}
            condition={item}
            columns={columns}
            number={String(index + 1)}
            problem={problemAt(`/rule/conditions/${index}`)}
            removable={removable}
            onChange={(next) => setItem(index, next)}
            onRemove={() => removeItem(index)}
          />
        ),
      )}
      <div className={styles.actions}>
        <Button icon={<AddRegular />} onClick={() => onChange({ ...rule, conditions: [...rule.conditions, newCondition()] })}>
          {texts.add_condition}
        </Button>
        <Button icon={<AddRegular />} onClick={() => onChange({ ...rule, conditions: [...rule.conditions, newGroup()] })}>
          {texts.add_group}
        </Button>
      </div>
    </div>
  );
}
