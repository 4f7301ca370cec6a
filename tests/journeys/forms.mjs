// How forms and lists behave: nothing typed is lost by accident, what is missing is said, lists say what is in them.
import { equal, signIn } from './harness.mjs';

export async function forms(world, step) {
  let admin, viewer;
  await step('Discover is where Connections opens, and can be searched (DIS-07, DIS-10)', async () => {
    admin = await signIn(world, 'administrator');
    await admin.getByRole('link', { name: 'Connections', exact: true }).click();
    equal(await admin.getByRole('tab', { name: 'Discover' }).getAttribute('aria-selected'), 'true', 'the tab Discover');
    await admin.getByRole('searchbox').or(admin.getByRole('textbox', { name: 'Search connection types' })).first().fill('nothing like it');
    await admin.getByText('No connection type matches.').waitFor();
    await admin.getByRole('button', { name: /reset|show all|clear/i }).first().click();
    await admin.getByRole('button', { name: 'Set up SFTP', exact: true }).waitFor();
  });
  await step('the pane marks what is mandatory, hints at a good name and links to the help (CON-26, CON-28, CON-42)', async () => {
    await admin.getByRole('button', { name: 'Set up SFTP', exact: true }).click();
    await admin.getByText(/= required/).waitFor();
    await admin.getByText(/what the connection is for and where it points/).waitFor();
    equal(await admin.getByRole('button', { name: 'Save', exact: true }).isDisabled(), true, 'Save of an empty form');
    equal(await admin.getByRole('link', { name: /Learn more/ }).last().getAttribute('href') !== null, true, 'a link to the help');
  });
  await step('a password is masked, and shown on demand while it is being typed (CON-52)', async () => {
    await admin.locator('input[type=password]').fill('typed just now');
    await admin.getByRole('button', { name: 'Show what you typed (Password)' }).click();
    equal(await admin.locator('input[type=password]').count(), 0, 'masked inputs after revealing');
    await admin.getByRole('button', { name: 'Hide what you typed (Password)' }).click();
    equal(await admin.locator('input[type=password]').inputValue(), 'typed just now', 'masked again');
  });
  await step('Cancel asks before it discards what was typed (CON-41, UI-15)', async () => {
    await admin.getByRole('textbox', { name: 'Display name' }).fill('Half a connection');
    await admin.getByRole('button', { name: 'Cancel', exact: true }).click();
    const question = admin.getByRole('alertdialog').or(admin.getByRole('dialog', { name: /discard|unsaved|leave/i }));
    await question.first().waitFor();
    await question.getByRole('button', { name: /keep|stay|continue/i }).first().click();
    equal(await admin.getByRole('textbox', { name: 'Display name' }).inputValue(), 'Half a connection', 'what was typed');
    await admin.getByRole('button', { name: 'Cancel', exact: true }).click();
    await question.getByRole('button', { name: /discard|leave/i }).first().click();
    await admin.getByRole('heading', { name: 'Connections (preview)' }).waitFor();
  });
  await step('rows can be selected, are counted, and offer what all of them allow (EXP-10, UI-05)', async () => {
    await admin.goto('/data/exports');
    await admin.getByRole('checkbox', { name: /^Select (?!all)/ }).first().check();
    await admin.getByText(/1 selected/).waitFor();
    await admin.getByRole('button', { name: 'Disconnect', exact: true }).waitFor();
    await admin.getByRole('button', { name: /clear/i }).first().click();
    equal(await admin.getByText(/1 selected/).count(), 0, 'the count after clearing');
  });
  await step('a viewer is told which role is missing where there is nothing to see (EXP-09)', async () => {
    viewer = await signIn(world, 'viewer');
    await viewer.goto('/data/exports?q=no-such-export');
    await viewer.getByRole('button', { name: /reset|show all|clear/i }).first().waitFor();
    await viewer.route('**/api/v1/exports?*', (route) => route.fulfill({ json: { items: [], next_cursor: null, total: 0 } }));
    await viewer.goto('/data/exports');
    await viewer.getByText(/you need the role Contributor or Administrator/).waitFor();
  });
  await step('a segment is downloaded as a file (DAT-10)', async () => {
    await admin.goto('/data/segments');
    await admin.getByRole('button', { name: 'More actions for US seniors' }).click();
    const [download] = await Promise.all([admin.waitForEvent('download'), admin.getByRole('menuitem', { name: 'Download' }).click()]);
    equal(download.suggestedFilename(), 'us_seniors.csv', 'the name of the file');
    equal(await download.failure(), null, 'the download');
  });
}
