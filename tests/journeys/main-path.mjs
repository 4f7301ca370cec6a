// The main job in the browser: an administrator sets up where data may go, a contributor decides what goes there, the file lies
// on the server as it should, a viewer sees it and changes nothing.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { choose, equal, picture, root, signIn } from './harness.mjs';
import { filesBelow, readCsv } from './csv.mjs';

const connection = 'Agency drop box';
const segment = 'US seniors';
const exportName = 'US seniors to the agency';

// The public workshop file where it lies beside the project, else one of the same shape.
function customers(world) {
  const shared = path.join(root, '../shared/data/workshop/CustomerDemographics.csv');
  if (existsSync(shared)) return shared;
  const made = path.join(world.work, 'CustomerDemographics.csv');
  const rows = ['customerID,gender,SeniorCitizen,Partner,Dependents,zip,Country'];
  for (let i = 0; i < 7043; i += 1) {
    rows.push([`${String(i).padStart(4, '0')}-ABCDE`, i % 2 ? 'Male' : 'Female', i % 6 ? 'No' : 'Yes', 'No', 'No', String(i % 99999).padStart(5, '0'), i % 4 ? 'US' : 'CA'].map((v) => `"${v}"`).join(','));
  }
  writeFileSync(made, `${rows.join('\n')}\n`);
  return made;
}

async function importCustomers(page, file) {
  await page.goto('/data/tables/import');
  await page.locator('input[aria-label="Choose file"]').setInputFiles(file);
  await page.getByRole('textbox', { name: 'Table name' }).fill('Customer');
  await page.getByRole('textbox', { name: 'Name of customerID' }).fill('CustomerId');
  await picture(page, 'import');
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByRole('button', { name: 'Open table' }).or(page.getByRole('link', { name: 'Open table' })).click();
  await page.getByRole('heading', { name: 'Customer', exact: true }).waitFor();
}

async function setUpConnection(page, sftp) {
  await page.goto('/admin/connections');
  await page.getByRole('button', { name: 'Set up SFTP', exact: true }).click();
  await page.getByRole('textbox', { name: 'Display name' }).fill(connection);
  await page.getByRole('radio', { name: 'Administrators and contributors' }).check();
  await page.getByRole('textbox', { name: 'Host', exact: true }).fill(sftp.host);
  await page.getByRole('spinbutton', { name: 'Port' }).or(page.getByRole('textbox', { name: 'Port' })).fill(String(sftp.port));
  await page.getByRole('textbox', { name: 'User name' }).fill(sftp.user);
  await page.locator('input[type=password]').fill(sftp.password);
  await page.getByRole('checkbox', { name: 'I agree' }).check();
  await page.getByRole('button', { name: 'Verify', exact: true }).click();
  await page.getByRole('button', { name: 'Pin this host key' }).click();
  await page.getByText(/^Verified in/).waitFor();
  equal(await page.getByRole('textbox', { name: 'Host key' }).inputValue(), sftp.host_key, 'the pinned host key');
  await picture(page, 'connection-verified');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(`${connection} was added.`, { exact: true }).waitFor();
}

async function buildSegment(page, expected) {
  await page.goto('/data/segments/new');
  await page.getByRole('textbox', { name: 'Display name' }).fill(segment);
  await choose(page, 'Column of condition 1', 'Country');
  await page.getByRole('textbox', { name: 'Value of condition 1' }).fill('US');
  await page.getByRole('button', { name: 'Add condition' }).first().click();
  await choose(page, 'Column of condition 2', 'SeniorCitizen');
  await page.getByRole('textbox', { name: 'Value of condition 2' }).fill('Yes');
  await page.getByText(new RegExp(`^${expected.toLocaleString('en-US')} of `)).waitFor();
  await picture(page, 'segment');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(`${segment} was added.`, { exact: true }).waitFor();
}

async function exportAndRun(page, expected) {
  await page.goto('/data/exports/new');
  await choose(page, 'Connection for export', connection);
  await page.getByRole('textbox', { name: 'Display name' }).fill(exportName);
  await page.getByRole('checkbox', { name: new RegExp(segment) }).check();
  await picture(page, 'export');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(`${exportName} was added. Select Run to send it now.`, { exact: true }).waitFor();
  await page.getByRole('button', { name: `More actions for ${exportName}` }).click();
  await page.getByRole('menuitem', { name: 'Run', exact: true }).click();
  await page.getByText(`${exportName} has started.`, { exact: true }).waitFor();
  await page.goto('/data/runs');
  await page.getByRole('link', { name: exportName }).first().click();
  // The list behind shows other successful runs, so the page of this one must be there first.
  await page.waitForURL(/\/data\/runs\/.+/);
  await page.getByRole('heading', { level: 1, name: exportName }).waitFor();
  await page.getByText('Successful', { exact: true }).first().waitFor();
  await page.getByText(expected.toLocaleString('en-US'), { exact: true }).first().waitFor();
  await picture(page, 'run');
}

function compareFiles(world, source) {
  const files = filesBelow(world.sftp.folder).filter((file) => !path.basename(file).startsWith('.'));
  const parts = files.filter((file) => file.endsWith('.csv.gz'));
  equal(files.some((file) => file.endsWith('.part')), false, 'temporary files left');
  if (parts.length < 1 || parts.length > 5) throw new Error(`1 to 5 files were expected, and there are ${parts.length}`);
  const [header, ...rows] = readCsv(source);
  const wanted = rows.filter((row) => row[header.indexOf('Country')] === 'US' && row[header.indexOf('SeniorCitizen')] === 'Yes');
  const [deliveredHeader] = readCsv(parts[0]);
  equal(deliveredHeader, header.map((name) => (name === 'customerID' ? 'CustomerId' : name)), 'the header');
  const delivered = parts.flatMap((file) => readCsv(file).slice(1));
  equal(delivered.length, wanted.length, 'the number of rows');
  wanted.forEach((row, i) => equal(delivered[i], row, `row ${i + 1}`));
  const model = JSON.parse(readFileSync(files.find((file) => path.basename(file) === 'model.json'), 'utf8'));
  equal(model.entities[0].attributes.map((attribute) => attribute.name), deliveredHeader, 'the columns of model.json');
}

async function lookOn(page) {
  await page.goto('/data/runs');
  await page.getByRole('link', { name: exportName }).first().click();
  await page.getByText('Successful', { exact: true }).first().waitFor();
  equal(await page.getByRole('button', { name: 'Cancel' }).count(), 0, 'commands of the run');
  await page.goto('/data/exports');
  await page.getByRole('link', { name: exportName }).click();
  await page.getByRole('button', { name: 'Close' }).last().waitFor();
  equal(await page.getByRole('button', { name: 'Save', exact: true }).count(), 0, 'Save in the pane');
  await picture(page, 'viewer-export');
  await page.goto('/data/exports');
  await page.getByRole('link', { name: exportName }).waitFor();
  equal(await page.getByRole('button', { name: 'Add export' }).count(), 0, 'Add export');
  await page.goto('/admin/connections');
  await page.getByText(/administrator/i).first().waitFor();
  equal(await page.getByRole('button', { name: /^Set up/ }).count(), 0, 'Set up on tiles');
}

export async function mainPath(world, step) {
  const source = customers(world);
  const [header, ...rows] = readCsv(source);
  const expected = rows.filter((row) => row[header.indexOf('Country')] === 'US' && row[header.indexOf('SeniorCitizen')] === 'Yes').length;
  let admin, contributor;
  await step('an administrator signs in and imports the customers (DAT-01, DAT-06)', async () => {
    admin = await signIn(world, 'administrator');
    await importCustomers(admin, source);
  });
  await step('verifies, pins, consents, shares and saves an SFTP connection (CON-23, CON-24, CON-31, CON-33, CON-62, DIS-03, ROL-22, BEY-07, BEY-08)', () => setUpConnection(admin, world.sftp));
  await step('a contributor builds a segment (EXP-84)', async () => {
    contributor = await signIn(world, 'contributor');
    await buildSegment(contributor, expected);
  });
  await step('exports it gzipped, runs it and watches it finish (EXP-11, EXP-16, EXP-60, ROL-27)', () => exportAndRun(contributor, expected));
  await step('every row and value on the server equals the source (EXP-52, EXP-56, EXP-57, EXP-83)', async () => compareFiles(world, source));
  await step('a viewer sees the run and can change nothing (ROL-33, ROL-34, DIS-09, UI-23)', async () => lookOn(await signIn(world, 'viewer')));
  await step('a connection in use is not removed, and the way to its exports is shown (CON-62, CON-64, CON-65, CON-78)', async () => {
    await admin.goto('/admin/connections/exports');
    await admin.getByRole('button', { name: `More actions for ${connection}` }).click();
    await admin.getByRole('menuitem', { name: 'Remove' }).click();
    const dialog = admin.getByRole('dialog').or(admin.getByRole('alertdialog'));
    await dialog.getByText(exportName).waitFor();
    await picture(admin, 'remove-in-use');
    equal(await dialog.getByRole('button', { name: 'Remove', exact: true }).isDisabled(), true, 'Remove is disabled');
    await dialog.getByRole('button', { name: 'See connected exports' }).or(dialog.getByRole('link', { name: 'See connected exports' })).click();
    await admin.getByRole('link', { name: exportName }).waitFor();
  });
  await step('editing shows no secret and keeps it (CON-50, CON-51, CON-53)', async () => {
    await admin.goto('/admin/connections/exports');
    await admin.getByRole('link', { name: connection }).click();
    await admin.getByText('Hidden Value. Click here to change').waitFor();
    equal((await admin.content()).includes(world.sftp.password), false, 'the password in the page');
    await admin.getByRole('textbox', { name: 'Display name' }).fill(`${connection} 2`);
    await admin.getByRole('button', { name: 'Save', exact: true }).click();
    await admin.getByText(`${connection} 2 was saved.`, { exact: true }).waitFor();
    await admin.getByRole('button', { name: `More actions for ${connection} 2` }).click();
    await admin.getByRole('menuitem', { name: 'Verify now' }).click();
    await admin.getByText(`${connection} 2 works.`, { exact: true }).waitFor();
  });
  await step('the browser had nothing to complain of', async () => equal([...admin.problems, ...contributor.problems], [], 'problems'));
}
