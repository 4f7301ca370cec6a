import { describe, expect, it } from 'vitest';
import { formatDuration, formatRelative, initials } from './format';
import { insidePath } from './paths';

const now = Date.parse('2025-11-25T12:00:00Z');

describe('relative times', () => {
  it.each([
    ['2025-11-25T11:59:57Z', 'now'],
    ['2025-11-25T11:38:00Z', '22 minutes ago'],
    ['2025-11-24T11:00:00Z', 'yesterday'],
    ['2025-11-14T11:00:00Z', '11 days ago'],
    ['2023-10-14T11:00:00Z', '2 years ago'],
  ])('%s is %s', (iso, words) => {
    expect(formatRelative(iso, now)).toBe(words);
  });
});

it('writes durations in two units at most', () => {
  expect(formatDuration(412)).toBe('412 ms');
  expect(formatDuration(42_300)).toBe('42.3 sec');
  expect(formatDuration(125_000)).toBe('2 min 5 sec');
  expect(formatDuration(3_720_000)).toBe('1 hr 2 min');
});

it('takes initials of the first and the last name', () => {
  expect(initials('Ada King Lovelace')).toBe('AL');
  expect(initials('grace')).toBe('G');
});

it('never follows a path out of the app', () => {
  expect(insidePath('/data/exports?q=a')).toBe('/data/exports?q=a');
  for (const path of ['//evil.example', 'https://evil.example', '/\\evil.example', '', null]) expect(insidePath(path)).toBeNull();
});
