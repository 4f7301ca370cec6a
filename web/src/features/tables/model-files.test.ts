import { expect, test } from 'vitest';
import { fileAt, missingFile } from './model-files';

function file(name: string, path = ''): File {
  const made = new File(['x'], name);
  Object.defineProperty(made, 'webkitRelativePath', { value: path });
  return made;
}
const entity = (...locations: string[]) => ({ name: 'Orders', not_importable: null, columns: [], partitions: locations.map((location) => ({ location })), delimiter: ',', has_header: false });

test('DAT-26 partitions are found by their path below the folder of model.json', () => {
  const model = file('model.json', 'Shop/model.json');
  const files = [model, file('1.csv', 'Shop/Orders/1.csv'), file('1.csv', 'Shop/Other/1.csv'), file('a b.csv', 'Shop/a b.csv')];
  expect(fileAt('Orders/1.csv', model, files)).toBe(files[1]);
  expect(fileAt('a%20b.csv', model, files)).toBe(files[3]);
  expect(missingFile(entity('Orders/1.csv', 'Orders/2.csv'), model, files)).toBe('Orders/2.csv');
});

test('files chosen one by one are found by their name', () => {
  const model = file('model.json');
  const files = [model, file('1.csv')];
  expect(fileAt('Orders/1.csv', model, files)).toBe(files[1]);
  expect(missingFile(entity('Orders/1.csv'), model, files)).toBeUndefined();
});
