import { expect, it } from 'vitest';
import { indentJson, indentMessage } from './indent-json';

it.each([
  ['{"a":1,"b":[true,null]}', '{\n  "a": 1,\n  "b": [\n    true,\n    null\n  ]\n}'],
  ['[]', '[]'],
  ['{ "a" : { } }', '{\n  "a": {}\n}'],
  ['{"id":9007199254740993}', '{\n  "id": 9007199254740993\n}'],
  ['{"a":"x, {y}: \\"z\\""}', '{\n  "a": "x, {y}: \\"z\\""\n}'],
  ['a=1&b=2', 'a=1&b=2'],
  ['', ''],
])('BEY-20: %s', (text, wanted) => {
  expect(indentJson(text)).toBe(wanted);
});

it('BEY-20: what was cut off is shown up to there', () => {
  expect(indentJson('[{"a":"cut of')).toBe('[\n  {\n    "a": "cut of');
});

it('BEY-20: every JSON that is indented still says the same', () => {
  const value = { list: [1, -2.5e3, 'a\nb', { deep: [[], [{}]] }], text: '{"not": "json"}', none: null };
  expect(JSON.parse(indentJson(JSON.stringify(value)))).toEqual(value);
});

it('BEY-09: of a request with headers the body alone is indented', () => {
  expect(indentMessage('POST /x\nA: 1\n\n{"a":1}')).toBe('POST /x\nA: 1\n\n{\n  "a": 1\n}');
});
