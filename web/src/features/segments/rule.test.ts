import { describe, expect, it } from 'vitest';
import type { Column, Rule } from '../../api/types';
import { fromRule, inWords, isComplete, operatorsOf, toRule, withColumn, withOperator, type RuleDraft } from './rule';

const columns: Column[] = [
  { name: 'Country', type: 'text' },
  { name: 'Tenure', type: 'integer' },
  { name: 'Senior', type: 'boolean' },
  { name: 'SignedUp', type: 'date' },
];

const rule: Rule = {
  match: 'all',
  conditions: [
    { column: 'Country', operator: 'in', values: ['US', 'DE'] },
    { match: 'any', conditions: [{ column: 'Senior', operator: 'equals', value: true }, { column: 'Tenure', operator: 'between', values: [12, 60] }] },
    { column: 'SignedUp', operator: 'is_empty' },
  ],
};

it('comes back as it was stored, in its types', () => {
  expect(toRule(fromRule(rule, columns), columns)).toEqual(rule);
});

it('reads like a sentence', () => {
  expect(inWords(rule)).toBe('Country is one of “US”, “DE” and (Senior is Yes or Tenure is between 12 and 60) and SignedUp is empty');
});

it('offers the operators of the type', () => {
  expect(operatorsOf('text')).toContain('starts_with');
  expect(operatorsOf('integer')).not.toContain('starts_with');
  expect(operatorsOf('boolean')).toEqual(['equals', 'is_empty', 'is_not_empty']);
});

describe('completeness', () => {
  const one = (column: string, operator: string, values: string[]): RuleDraft => ({ match: 'all', conditions: [{ column, operator, values }] });
  it.each([
    ['no column', one('', 'equals', ['x']), false],
    ['no value', one('Country', 'equals', ['']), false],
    ['a value', one('Country', 'equals', ['US']), true],
    ['no value needed', one('Country', 'is_empty', []), true],
    ['half a range', one('Tenure', 'between', ['1', '']), false],
    ['a whole range', one('Tenure', 'between', ['1', '2']), true],
    ['a number that is none', one('Tenure', 'greater', ['many']), false],
    ['an empty group', { match: 'all', conditions: [{ match: 'any', conditions: [] }] } as RuleDraft, false],
  ])('%s', (_, draft, complete) => {
    expect(isComplete(draft, columns)).toBe(complete);
  });
});

it('keeps what still fits when the column or the operator changes', () => {
  const condition = { column: 'Country', operator: 'starts_with', values: ['U'] };
  expect(withColumn(condition, columns[1]!, columns[0])).toEqual({ column: 'Tenure', operator: 'equals', values: [] });
  expect(withColumn(condition, columns[2]!, columns[0]).values).toEqual(['true']);
  expect(withOperator(condition, 'in')).toEqual({ column: 'Country', operator: 'in', values: ['U'] });
  expect(withOperator({ column: 'Tenure', operator: 'between', values: ['1', '2'] }, 'equals').values).toEqual(['1']);
});
