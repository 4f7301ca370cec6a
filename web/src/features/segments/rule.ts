// A rule while it is being built. Every value is text until it is sent: an unfinished number must be allowed to stand
// in its box.

import type { Column, ColumnType, Condition, Match, Rule, RuleGroup } from '../../api/types';
import { texts } from './texts';

export interface ConditionDraft {
  column: string;
  operator: string;
  values: string[];
}

export interface GroupDraft {
  match: Match;
  conditions: ConditionDraft[];
}

export interface RuleDraft {
  match: Match;
  conditions: (ConditionDraft | GroupDraft)[];
}

export const isGroup = (item: ConditionDraft | GroupDraft): item is GroupDraft => 'conditions' in item;

const kText = ['equals', 'not_equals', 'contains', 'not_contains', 'starts_with', 'ends_with', 'in', 'not_in', 'is_empty', 'is_not_empty'];
const kNumber = ['equals', 'not_equals', 'greater', 'greater_or_equal', 'less', 'less_or_equal', 'between', 'is_empty', 'is_not_empty'];
const kTime = ['equals', 'before', 'after', 'between', 'is_empty', 'is_not_empty'];

const kOperators: Record<ColumnType, string[]> = {
  text: kText,
  integer: kNumber,
  decimal: kNumber,
  boolean: ['equals', 'is_empty', 'is_not_empty'],
  date: kTime,
  timestamp: kTime,
};

export const operatorsOf = (type: ColumnType | undefined): string[] => kOperators[type ?? 'text'];

export type Arity = 'none' | 'one' | 'two' | 'many';

export function arityOf(operator: string): Arity {
  if (operator === 'is_empty' || operator === 'is_not_empty') return 'none';
  if (operator === 'between') return 'two';
  return operator === 'in' || operator === 'not_in' ? 'many' : 'one';
}

export const newCondition = (): ConditionDraft => ({ column: '', operator: 'equals', values: [] });
export const newGroup = (): GroupDraft => ({ match: 'any', conditions: [newCondition(), newCondition()] });
export const newRule = (): RuleDraft => ({ match: 'all', conditions: [newCondition()] });

/** Another column: the operator stays if the new type knows it, the value only if the type is the same. */
export function withColumn(condition: ConditionDraft, column: Column, before: Column | undefined): ConditionDraft {
  const operator = operatorsOf(column.type).includes(condition.operator) ? condition.operator : 'equals';
  const keep = before?.type === column.type;
  return { column: column.name, operator, values: keep ? condition.values : column.type === 'boolean' ? ['true'] : [] };
}

export function withOperator(condition: ConditionDraft, operator: string): ConditionDraft {
  const before = arityOf(condition.operator);
  const after = arityOf(operator);
  return { ...condition, operator, values: before === after || after === 'many' ? condition.values : condition.values.slice(0, 1) };
}

function conditionComplete(condition: ConditionDraft, columns: Column[]): boolean {
  const column = columns.find((c) => c.name === condition.column);
  if (!column) return false;
  const filled = condition.values.filter((v) => v.trim() !== '');
  if ((column.type === 'integer' || column.type === 'decimal') && filled.some((v) => !Number.isFinite(Number(v)))) return false;
  switch (arityOf(condition.operator)) {
    case 'none': return true;
    case 'two': return filled.length === 2;
    default: return filled.length >= 1;
  }
}

export function isComplete(rule: RuleDraft, columns: Column[]): boolean {
  return (
    rule.conditions.length > 0 &&
    rule.conditions.every((item) =>
      isGroup(item)
        ? item.conditions.length > 0 && item.conditions.every((c) => conditionComplete(c, columns))
        : conditionComplete(item, columns),
    )
  );
}

function typed(value: string, type: ColumnType | undefined): string | number | boolean {
  if (type === 'integer' || type === 'decimal') return Number(value);
  if (type === 'boolean') return value === 'true';
  if (type === 'timestamp') return new Date(value).toISOString();
  return value;
}

function toCondition(draft: ConditionDraft, columns: Column[]): Condition {
  const type = columns.find((c) => c.name === draft.column)?.type;
  const { column, operator } = draft;
  const values = draft.values.map((v) => typed(v, type));
  switch (arityOf(operator)) {
    case 'none': return { column, operator };
    case 'one': return { column, operator, value: values[0] };
    default: return { column, operator, values: values as (string | number)[] };
  }
}

export function toRule(draft: RuleDraft, columns: Column[]): Rule {
  return {
    match: draft.match,
    conditions: draft.conditions.map((item) =>
      isGroup(item)
        ? { match: item.match, conditions: item.conditions.map((c) => toCondition(c, columns)) }
        : toCondition(item, columns),
    ),
  };
}

/** What a date-and-time box takes: local time without seconds or zone. */
function localTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function fromRule(rule: Rule, columns: Column[]): RuleDraft {
  const condition = (c: Condition): ConditionDraft => {
    const isTime = columns.find((x) => x.name === c.column)?.type === 'timestamp';
    const values = (c.values ?? (c.value === undefined ? [] : [c.value])).map(String);
    return { column: c.column, operator: c.operator, values: isTime ? values.map(localTime) : values };
  };
  return {
    match: rule.match,
    conditions: rule.conditions.map((item) =>
      'conditions' in item ? { match: item.match, conditions: item.conditions.map(condition) } : condition(item),
    ),
  };
}

function conditionInWords(c: Condition): string {
  const values = c.values ?? (c.value === undefined ? [] : [c.value]);
  const shown = values.map((v) => (typeof v === 'boolean' ? (v ? texts.yes : texts.no) : typeof v === 'string' ? `“${v}”` : String(v)));
  const joined = c.operator === 'between' ? shown.join(` ${texts.and} `) : shown.join(', ');
  return [c.column, texts.operator[c.operator] ?? c.operator, joined].filter(Boolean).join(' ');
}

/** "Country is “US” and (SeniorCitizen is Yes or TenureMonths is greater than 60)" */
export function inWords(rule: Rule | RuleGroup): string {
  const word = rule.match === 'all' ? texts.and : texts.or;
  return rule.conditions.map((item) => ('conditions' in item ? `(${inWords(item)})` : conditionInWords(item))).join(` ${word} `);
}
