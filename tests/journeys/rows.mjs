// Rows to a service: data matching, dry run, what a run tells, the calls it made, rows that were refused and sent again.
import { readFileSync } from 'node:fs';
import { parseCsv } from './csv.mjs';
import { axe, choose, equal, picture, signIn } from './harness.mjs';
import { startSink } from './sink.mjs';

const connection = 'Order desk';
const exportName = 'US seniors to the order desk';
const key = 'a signing key that only both sides know';
const sizes = { wide: { width: 1440, height: 900 }, small: { width: 390, height: 844 }, smallest: { width: 360, height: 740 } };

async function setUp(page, sink) {
  await page.goto('/admin/connections/discover/new/http_webhook');
  await page.getByRole('textbox', { name: 'Display name' }).fill(connection);
  await page.getByRole('radio', { name: 'Administrators and contributors' }).check();
  await page.getByRole('textbox', { name: 'Address' }).fill(`${sink.url}?key=1`);
  await page.getByRole('textbox', { name: 'Display name' }).focus();
  await page.getByText('Leave out what begins with ? or #.').waitFor();
  await page.getByRole('textbox', { name: 'Address' }).fill(sink.url);
  await page.getByLabel(/^Signing key/).fill(key);
  await page.getByRole('checkbox', { name: 'I agree' }).check();
  await page.getByRole('button', { name: 'Verify', exact: true }).click();
  await page.getByText(/^Verified in/).waitFor();
  await picture(page, 'rows-connection');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(`${connection} was added.`, { exact: true }).waitFor();
}

async function map(page, row, column, name) {
  if (row > 1) await page.getByRole('button', { name: 'Add attribute' }).click();
  await choose(page, `Source of row ${row}`, column);
  if (name) await page.getByRole('textbox', { name: `Target of row ${row}` }).fill(name);
}

async function matchData(page) {
  await page.goto('/data/exports/new');
  await choose(page, 'Connection for export', connection);
  await page.getByRole('textbox', { name: 'Display name' }).fill(exportName);
  equal(await page.getByRole('table', { name: 'Select segments' }).getByText('Orders').count(), 0, 'tables among the segments');
  await page.getByRole('checkbox', { name: 'Select US seniors' }).check();
  await map(page, 1, 'zip', 'postal_code');
  await map(page, 2, 'CustomerId', 'id');
  await map(page, 3, 'Country');
  await page.getByText('Still missing: the name that says who a row is.').waitFor();
  equal(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled(), true, 'Save without an identifier');
  await choose(page, 'Identifier', 'id');
  await page.getByRole('button', { name: 'Move id up' }).click();
  equal(await page.getByRole('radio', { name: /Only what is new or changed/ }).isChecked(), true, 'the mode at first');
  await page.getByRole('heading', { name: 'Data matching' }).scrollIntoViewIfNeeded();
  await picture(page, 'rows-matching');
  equal(await axe(page), [], 'violations');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(`${exportName} was added. Select Run to send it now.`, { exact: true }).waitFor();
}

async function run(page, state) {
  await page.goto('/data/exports');
  await page.getByRole('button', { name: `More actions for ${exportName}` }).click();
  await page.getByRole('menuitem', { name: 'Run', exact: true }).click();
  await page.getByRole('button', { name: 'See the run' }).click();
  await page.getByRole('heading', { level: 1, name: exportName }).waitFor();
  await page.getByRole('status').getByText(state, { exact: true }).waitFor({ timeout: 30_000 });
}

const number = (page, title) => page.getByLabel('Numbers').locator('div', { hasText: title }).locator('dd').first().innerText();

export async function rows(world, step) {
  const refused = new Map();
  const sink = await startSink(key, (row) => (refused.has(row.id) && row.postal_code !== '00000' ? 'There is no such postal code.' : undefined));
  let admin, contributor, members, runPath;

  await step('an administrator sets up a webhook; its address is checked as it is typed (CON-33, BEY-07)', async () => {
    admin = await signIn(world, 'administrator');
    await setUp(admin, sink);
    equal(sink.calls.map((call) => [call.operation, call.signed]), [['verify', true]], 'what the service saw');
  });

  await step('a contributor says which column goes where, and who a row is (EXP-28, EXP-37, EXP-38)', async () => {
    contributor = await signIn(world, 'contributor');
    await matchData(contributor);
  });

  await step('a dry run counts rows and shows the first request, and sends nothing (BEY-09)', async () => {
    const before = sink.calls.length;
    await contributor.getByRole('button', { name: `More actions for ${exportName}` }).click();
    await contributor.getByRole('menuitem', { name: 'Dry run' }).click();
    const dialog = contributor.getByRole('dialog', { name: `Dry run of ${exportName}` });
    const request = await dialog.getByRole('group', { name: /^First request/ }).innerText();
    const read = await dialog.getByRole('row', { name: /^Members/ }).getByRole('cell').innerText();
    members = Number(read.replaceAll(',', ''));
    equal(await dialog.getByRole('row', { name: /^New/ }).getByRole('cell').innerText(), read, 'all are new');
    if (!/"postal_code"/.test(request) || request.includes(key)) throw new Error(`the first request: ${request.slice(0, 300)}`);
    await picture(contributor, 'rows-dry-run');
    equal(await axe(contributor), [], 'violations');
    equal(sink.calls.length, before, 'calls of a dry run');
    const [first, second] = [...request.matchAll(/"id": "([^"]+)"/g)].map((match) => match[1]);
    refused.set(first, true).set(second, true);
    await dialog.getByRole('button', { name: 'Close' }).click();
  });

  await step('a run delivers every member once, in the order of the mapping, signed; refused rows are counted (EXP-30, SYS-06)', async () => {
    await run(contributor, 'Completed with errors');
    runPath = new URL(contributor.url()).pathname;
    const sent = sink.rows(1);
    equal(sink.calls.every((call) => call.signed), true, 'signatures');
    equal(new Set(sent.map((row) => row.id)).size, members, 'members at the service');
    equal(Object.keys(sent[0]), ['id', 'postal_code', 'Country'], 'the order of names');
    equal(await number(contributor, 'Rejected'), '2', 'rejected rows');
    equal(Number((await number(contributor, 'Rows sent')).replaceAll(',', '')), members - 2, 'rows sent');
    equal(await contributor.getByRole('heading', { name: 'Requests' }).count(), 0, 'requests for a contributor');
    await picture(contributor, 'rows-run');
  });

  await step('rejected rows are downloaded, corrected, and sent again alone (BEY-14)', async () => {
    const [download] = await Promise.all([contributor.waitForEvent('download'), contributor.getByRole('link', { name: 'Download rows' }).click()]);
    const [header, ...lines] = parseCsv(readFileSync(await download.path(), 'utf8'));
    equal(header.slice(0, 3), ['CustomerId', 'zip', 'Country'], 'the columns');
    equal(lines.map((line) => line[0]).sort(), [...refused.keys()].sort(), 'who was refused');
    equal(lines.every((line) => line[header.indexOf('outcome')] === 'rejected' && /no such postal code/.test(line[header.indexOf('answer')])), true, 'why');
    const before = sink.calls.length;
    const corrected = [header, ...lines.map((line) => line.map((value, at) => (header[at] === 'zip' ? '00000' : value)))];
    await contributor.getByLabel('Corrected file').setInputFiles({ name: 'corrected.csv', mimeType: 'text/csv', buffer: Buffer.from(corrected.map((line) => line.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')).join('\r\n')) });
    await contributor.getByRole('link', { name: 'See the new run' }).waitFor();
    await contributor.getByRole('link', { name: 'Download rows' }).scrollIntoViewIfNeeded();
    await picture(contributor, 'rows-resent');
    await contributor.getByRole('link', { name: 'See the new run' }).click();
    await contributor.getByText('Sent again', { exact: true }).first().waitFor();
    await contributor.getByRole('status').getByText('Successful', { exact: true }).waitFor({ timeout: 30_000 });
    equal(sink.rows(before).map((row) => row.id).sort(), [...refused.keys()].sort(), 'rows that were sent again');
  });

  await step('a file that is none of this export is refused with a reason (BEY-14)', async () => {
    await contributor.goto(runPath);
    await contributor.getByLabel('Corrected file').setInputFiles({ name: 'other.csv', mimeType: 'text/csv', buffer: Buffer.from('nothing,that,fits\n1,2,3\n') });
    await contributor.getByText('The file could not be sent.').waitFor();
    await picture(contributor, 'rows-resend-refused');
  });

  await step('the next run sends what is new, which is what the service lacks (BEY-02)', async () => {
    const before = sink.calls.length;
    refused.clear();
    await run(contributor, 'Successful');
    const again = sink.rows(before).length;
    if (again > 2) throw new Error(`${again} rows were sent again`);
    equal(Number((await number(contributor, 'Unchanged')).replaceAll(',', '')), members - again, 'unchanged rows');
  });

  await step('an administrator looks into the calls of the run; the key is masked (BEY-20)', async () => {
    await admin.goto(runPath);
    const table = admin.getByRole('table', { name: 'Requests' });
    await table.getByRole('button', { name: /^POST \/members/ }).first().click();
    const pane = admin.getByRole('dialog', { name: /^POST \/members/ });
    const body = await pane.getByRole('group', { name: 'Request: body' }).innerText();
    if (!/\n {2}"operation": "upsert"/.test(body)) throw new Error(`the body: ${body.slice(0, 300)}`);
    equal((await admin.content()).includes(key), false, 'the key on the page');
    await picture(admin, 'rows-request');
    await pane.getByRole('button', { name: 'Close' }).last().click();
  });

  for (const [name, size] of Object.entries(sizes)) {
    await step(`pane, run and call are accessible and fit at ${size.width} px (UI-16, UI-17)`, async () => {
      const page = await signIn(world, 'administrator', size);
      await page.goto('/data/exports');
      await page.getByRole('link', { name: exportName }).click();
      await page.getByRole('heading', { name: 'Data matching' }).scrollIntoViewIfNeeded();
      await picture(page, `rows-edit-${name}`);
      equal(await axe(page), [], 'violations in the pane');
      await page.goto(runPath);
      await page.getByRole('table', { name: 'Requests' }).scrollIntoViewIfNeeded();
      await picture(page, `rows-run-${name}`);
      equal(await axe(page), [], 'violations of the run');
      equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true, 'the page fits the window');
      await page.getByRole('table', { name: 'Requests' }).getByRole('button').first().click();
      await page.getByRole('group', { name: 'Request: body' }).waitFor();
      await picture(page, `rows-request-${name}`);
      equal(await axe(page), [], 'violations in the call');
      await page.context().close();
    });
  }

  await step('a viewer sees what goes where, and changes nothing (EXP-21)', async () => {
    const viewer = await signIn(world, 'viewer');
    await viewer.goto('/data/exports');
    await viewer.getByRole('link', { name: exportName }).click();
    equal(await viewer.getByRole('textbox', { name: 'Target of row 1' }).isDisabled(), true, 'a target');
    equal(await viewer.getByRole('button', { name: 'Add attribute' }).count(), 0, 'Add attribute');
    await viewer.context().close();
  });

  await step('the browser had nothing to complain of with rows', async () => equal([...admin.problems, ...contributor.problems].filter((text) => !/422/.test(text)), [], 'problems'));
  await sink.stop();
}
