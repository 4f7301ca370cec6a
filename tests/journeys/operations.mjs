// What starts of itself and what tells of it: schedules, the system refresh, status, notices, the audit log.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { axe, equal, picture, signIn } from './harness.mjs';

export async function operations(world, step) {
  const page = await signIn(world, 'administrator');
  const exportName = 'US seniors to the agency';

  await step('an export is given a schedule of its own, with its next starts before it is saved (SCH-14, SCH-16, SCH-18, SCH-25)', async () => {
    await page.goto('/data/exports');
    await page.getByRole('button', { name: `More actions for ${exportName}` }).click();
    await page.getByRole('menuitem', { name: 'Schedule' }).click();
    const pane = page.getByRole('dialog', { name: /schedule export/i });
    await pane.getByRole('radio', { name: /own/i }).check();
    await pane.getByText('Every day at 06:00, UTC.').waitFor();
    await picture(page, 'schedule-export');
    equal(await axe(page), [], 'violations');
    await pane.getByRole('button', { name: 'Save' }).click();
    await pane.waitFor({ state: 'detached' });
    await page.getByRole('row', { name: exportName }).getByText(/^Every day at/).waitFor();
  });

  await step('a dry run shows what would be delivered, and the guards are in the pane (BEY-09, BEY-10)', async () => {
    await page.getByRole('button', { name: `More actions for ${exportName}` }).click();
    await page.getByRole('menuitem', { name: 'Dry run' }).click();
    const dialog = page.getByRole('dialog', { name: `Dry run of ${exportName}` });
    await dialog.getByText(/^CustomerId,/).waitFor();
    await picture(page, 'dry-run');
    equal(await axe(page), [], 'violations');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('link', { name: exportName }).first().click();
    await page.getByRole('checkbox', { name: /much smaller/ }).scrollIntoViewIfNeeded();
    equal(await page.getByLabel('Fewer rows than last time, in percent').inputValue(), '30', 'the guard at first');
    await page.getByLabel('Fewer rows than last time, in percent').fill('300');
    await page.getByText('Enter a whole number from 0 to 100.').waitFor();
    await page.getByLabel('Fewer rows than last time, in percent').fill('50');
    await picture(page, 'guards');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText(`${exportName} was saved. It applies from the next run.`, { exact: true }).waitFor();
  });

  await step('the system refresh is switched on (SCH-01, SCH-02, SCH-03, SCH-04, SCH-09)', async () => {
    await page.goto('/admin/system/schedule');
    await page.getByRole('switch', { name: /refresh schedule/i }).click();
    await page.getByRole('button', { name: /add another time/i }).click();
    await page.locator('input[type=time]').nth(1).fill('18:30');
    await page.getByText(/at 06:00 and 18:30, UTC/).waitFor();
    await picture(page, 'schedule-refresh');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Save', disabled: true }).waitFor();
    await page.reload();
    equal(await page.getByRole('switch', { name: /refresh schedule/i }).isChecked(), true, 'it is on');
  });

  await step('a complete refresh is watched while it runs, without a reload (SYS-01, SYS-05, SYS-07, SYS-13, SYS-14)', async () => {
    await page.goto('/admin/system/status');
    await page.getByRole('button', { name: /refresh all/i }).click();
    await page.getByText(/Last refresh:/).waitFor({ timeout: 30_000 });
    await page.getByRole('button', { name: /Show as table/ }).click();
    await picture(page, 'status-after-refresh');
  });

  await step('a table is read again from a file on the server (SCH-05, DAT-24)', async () => {
    writeFileSync(path.join(world.work, 'data/sources/orders.csv'), 'nothing,that,fits\n1,2,3\n');
    await page.goto('/data/tables/Orders');
    await page.getByRole('button', { name: 'Refresh source' }).click();
    const dialog = page.getByRole('alertdialog').or(page.getByRole('dialog'));
    await dialog.getByLabel('Path on the server').fill('../app.db');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText(/must lie below/).first().waitFor();
    await dialog.getByLabel('Path on the server').fill('orders.csv');
    await picture(page, 'table-source');
    equal(await axe(page), [], 'violations');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The refresh now reads Orders from this source.', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Refresh', exact: true }).click();
    await page.getByText('The last import failed; the rows are still those from before it.').waitFor();
    await picture(page, 'table-refresh-failed');
    await page.getByRole('button', { name: /Notifications, 1 unread/ }).click();
    await page.getByText(/Orders/).last().waitFor();
    await picture(page, 'bell');
  });

  await step('the audit log tells who changed the schedule, from what to what (SYS-46, SYS-47)', async () => {
    await page.goto('/admin/audit');
    await page.getByText(/schedule\.updated|schedule updated/i).first().click();
    await page.getByRole('dialog').getByText(/Off/).first().waitFor();
    await picture(page, 'audit-entry');
    equal(await axe(page), [], 'violations');
    await page.keyboard.press('Escape');
  });

  await step('mail and webhooks are set, and a secret is not shown again (SYS-24, SYS-29)', async () => {
    await page.goto('/admin/system/notifications');
    await page.getByRole('switch', { name: 'Send e-mail' }).click();
    await page.getByRole('textbox', { name: 'Mail server' }).fill('127.0.0.1');
    await page.getByLabel('Port').fill('2525');
    await page.getByRole('textbox', { name: 'User name' }).fill('sluice');
    await page.locator('input[type=password]').first().fill('a mail password');
    await page.getByRole('textbox', { name: 'Sender address' }).fill('sluice@example.org');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Save', disabled: true }).waitFor();
    await page.reload();
    await page.getByText(/Hidden value/i).first().waitFor();
    equal((await page.content()).includes('a mail password'), false, 'the password is on the page');
    await picture(page, 'notice-settings');
    equal(await axe(page), [], 'violations');
  });
  await page.context().close();
}
