// Other ways in: a Common Data Model folder, and a segment from a list of ids.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { choose, equal, picture, signIn } from './harness.mjs';

function modelFolder(world) {
  const folder = path.join(world.work, 'Shop');
  mkdirSync(path.join(folder, 'Orders'), { recursive: true });
  writeFileSync(path.join(folder, 'Orders/1.csv'), '1,2026-01-02,007\n2,2026-01-03,\n');
  writeFileSync(path.join(folder, 'Orders/2.csv'), '3,2026-01-04,"a, b"\n');
  const attribute = (name, dataType) => ({ name, dataType });
  const partition = (n) => ({ name: `p${n}`, location: `Orders/${n}.csv` });
  writeFileSync(path.join(folder, 'model.json'), JSON.stringify({
    name: 'Shop', version: '1.0', entities: [
      { $type: 'LocalEntity', name: 'Orders', attributes: [attribute('OrderId', 'int64'), attribute('Day', 'date'), attribute('Code', 'string')], partitions: [partition(1), partition(2)] },
      { $type: 'LocalEntity', name: 'Lost', attributes: [attribute('Id', 'int64')], partitions: [{ name: 'p', location: 'Lost/1.csv' }] },
    ],
  }));
  return folder;
}

export async function imports(world, step) {
  let page;
  await step('a contributor imports a table of a model.json folder (DAT-26)', async () => {
    page = await signIn(world, 'contributor');
    await page.goto('/data/tables/import');
    await page.locator('input[aria-label="Choose a folder with model.json"]').setInputFiles(modelFolder(world));
    equal(await page.getByRole('radio', { name: /^Lost/ }).isDisabled(), true, 'the table whose file is missing');
    await page.getByRole('radio', { name: /^Orders/ }).check();
    await picture(page, 'model-json');
    await page.getByRole('button', { name: 'Next' }).click();
    await choose(page, 'Key column', 'OrderId');
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByRole('button', { name: 'Open table' }).click();
    await page.getByText(/3 rows/).waitFor();
    await page.getByRole('tab', { name: 'Data' }).click();
    await page.getByText('a, b', { exact: true }).waitFor();
    await page.getByText('007', { exact: true }).waitFor();
  });
  await step('and a segment from a list of ids (DAT-07)', async () => {
    await page.goto('/data/segments/import');
    await page.locator('input[type=file]').setInputFiles({ name: 'ids.csv', mimeType: 'text/csv', buffer: Buffer.from('id\n0002-ORFBO\n0003-MKNFE\nnobody\n') });
    await page.getByRole('textbox', { name: 'Display name' }).fill('Called by phone');
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('Called by phone was added.', { exact: true }).waitFor();
  });
  await step('the browser had nothing to complain of while importing', async () => equal(page.problems, [], 'problems'));
}
