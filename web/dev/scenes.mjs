// The views that are photographed and checked for accessibility: where to go, and what to do there.

import path from 'node:path';
import { fileURLToPath } from 'node:url';

const csv = path.join(path.dirname(fileURLToPath(import.meta.url)), 'mock', 'customers.csv');

const fillSftp = async (page, host = 'files.example.net') => {
  await page.getByLabel('Display name').fill('Weekly drop box');
  await page.getByRole('textbox', { name: 'Host', exact: true }).fill(host);
  await page.getByRole('textbox', { name: 'User name' }).fill('sluice');
  await page.locator('input[type=password]').fill('s3cret');
};

const button = (page, name) => page.getByRole('button', { name, exact: true });

const choose = async (page, label, option) => {
  await page.getByRole('combobox', { name: label }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
};

const rowAction = async (page, row, action) => {
  await page.getByRole('button', { name: `More actions for ${row}` }).click();
  await page.getByRole('menuitem', { name: action, exact: true }).click();
};

const upload = async (page) => {
  await page.locator('input[type=file]').setInputFiles(csv);
  await page.getByText('Preview').waitFor();
};

export const scenes = [
  { name: 'sign-in', path: '/sign-in', user: null },
  { name: 'sign-in-refused', path: '/sign-in', user: null, act: async (page) => {
    await page.getByLabel('E-mail address').fill('ada@example.org');
    await page.locator('input[type=password]').fill('wrong');
    await button(page, 'Sign in').click();
    await page.getByRole('alert').waitFor();
  } },
  { name: 'home', path: '/' },
  { name: 'home-viewer', path: '/', user: 'vera@example.org' },
  { name: 'discover', path: '/admin/connections' },
  { name: 'discover-no-hits', path: '/admin/connections/discover?q=zzz' },
  { name: 'add-menu', path: '/admin/connections/exports', act: (page) => page.getByRole('button', { name: 'Add connection' }).first().click() },
  { name: 'connections', path: '/admin/connections/exports' },
  { name: 'connections-selected', path: '/admin/connections/exports', act: (page) => page.getByRole('checkbox', { name: 'Select Agency drop box' }).click() },
  { name: 'connections-menu', path: '/admin/connections/exports', act: (page) => page.getByRole('button', { name: 'More actions for Agency drop box' }).click() },
  { name: 'connections-none', path: '/admin/connections/enrichments' },
  { name: 'connections-remove-used', path: '/admin/connections/exports', act: async (page) => {
    await page.getByRole('button', { name: 'More actions for Agency drop box' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByText('See connected exports').waitFor();
  } },
  { name: 'connection-new', path: '/admin/connections/discover/new/sftp' },
  { name: 'connection-verify', path: '/admin/connections/discover/new/sftp', act: async (page) => {
    await fillSftp(page);
    await button(page, 'Verify').click();
    await button(page, 'Pin this host key').waitFor();
    await button(page, 'Pin this host key').scrollIntoViewIfNeeded();
  } },
  { name: 'connection-ready', path: '/admin/connections/discover/new/sftp', act: async (page) => {
    await fillSftp(page);
    await button(page, 'Verify').click();
    await button(page, 'Pin this host key').click();
    await page.getByText(/Verified in/).waitFor();
    await page.getByLabel('I agree').check();
    await page.getByLabel('I agree').scrollIntoViewIfNeeded();
  } },
  { name: 'connection-discard', path: '/admin/connections/discover/new/sftp', act: async (page) => {
    await page.getByLabel('Display name').fill('x');
    await button(page, 'Cancel').click();
    await button(page, 'Keep editing').waitFor();
  } },
  { name: 'connection-edit', path: '/admin/connections/exports', act: (page) => page.getByRole('link', { name: 'Agency drop box' }).click() },
  { name: 'connections-forbidden', path: '/admin/connections', user: 'grace@example.org' },
  { name: 'exports', path: '/data/exports' },
  { name: 'exports-selected', path: '/data/exports', act: async (page) => {
    await page.getByRole('checkbox', { name: 'Select First look' }).click();
    await page.getByRole('checkbox', { name: 'Select Everything, nightly' }).click();
  } },
  { name: 'exports-of-connection', path: '/admin/connections/exports', act: (page) => page.getByRole('link', { name: /See connected exports/ }).first().click() },
  { name: 'export-new', path: '/data/exports/new' },
  { name: 'export-edit', path: '/data/exports', act: (page) => page.getByRole('link', { name: 'Seniors to the agency' }).click() },
  { name: 'export-columns', path: '/data/exports', act: async (page) => {
    await page.getByRole('link', { name: 'Seniors to the agency' }).click();
    await button(page, 'Next').click();
  } },
  { name: 'export-view', path: '/data/exports', user: 'vera@example.org', act: (page) => page.getByRole('link', { name: 'Seniors to the agency' }).click() },
  { name: 'rows-new', path: '/data/exports/new', act: async (page) => {
    await choose(page, 'Connection for export', 'Newsletter list');
    await button(page, 'Add attribute').click();
    await page.getByRole('menuitem', { name: 'City' }).click();
    await page.getByRole('heading', { name: 'Data matching' }).scrollIntoViewIfNeeded();
  } },
  { name: 'rows-attributes-menu', path: '/data/exports/new', act: async (page) => {
    await choose(page, 'Connection for export', 'Newsletter list');
    await button(page, 'Add attribute').click();
  } },
  { name: 'rows-key', path: '/data/exports/new', act: async (page) => {
    await choose(page, 'Connection for export', 'Ads account of the group');
    await page.getByRole('radio', { name: 'Name and address' }).click();
    await page.getByRole('heading', { name: 'Data matching' }).scrollIntoViewIfNeeded();
  } },
  { name: 'rows-limits', path: '/data/exports/new', act: async (page) => {
    await choose(page, 'Connection for export', 'Ads account of the group');
    await page.getByRole('checkbox', { name: 'Select all rows' }).click();
    await page.getByRole('heading', { name: 'What is sent' }).scrollIntoViewIfNeeded();
  } },
  { name: 'rows-free', path: '/data/exports/new', act: async (page) => {
    await choose(page, 'Connection for export', 'Order desk');
    for (const [n, column] of [[1, 'CustomerId'], [2, 'Email'], [3, 'City']]) {
      if (n > 1) await button(page, 'Add attribute').click();
      await choose(page, `Source of row ${n}`, column);
    }
    await page.getByRole('textbox', { name: 'Target of row 3' }).fill('email');
    await page.getByRole('heading', { name: 'Data matching' }).scrollIntoViewIfNeeded();
  } },
  { name: 'rows-view', path: '/data/exports', user: 'vera@example.org', act: async (page) => {
    await page.getByRole('link', { name: 'Newsletter of the seniors' }).click();
    await page.getByRole('heading', { name: 'Data matching' }).scrollIntoViewIfNeeded();
  } },
  { name: 'rows-dry-run', path: '/data/exports', act: async (page) => {
    await rowAction(page, 'Newsletter of the seniors', 'Dry run');
    await page.getByText('First request').first().waitFor();
  } },
  { name: 'rows-run', path: '/data/runs?state=completed_with_errors', act: async (page) => {
    await page.getByRole('link', { name: 'Newsletter of the seniors' }).click();
    await page.getByRole('heading', { name: 'Requests' }).waitFor();
  } },
  { name: 'rows-run-below', path: '/data/runs?state=completed_with_errors', act: async (page) => {
    await page.getByRole('link', { name: 'Newsletter of the seniors' }).click();
    await page.locator('input[type=file]').setInputFiles(csv);
    await page.getByText('See the new run').waitFor();
    await page.getByRole('table', { name: 'Requests' }).scrollIntoViewIfNeeded();
  } },
  { name: 'rows-run-waiting', path: '/data/runs?state=running', act: async (page) => {
    await page.getByRole('link', { name: 'Newsletter of the seniors' }).last().click();
    await page.getByText(/Waiting for the rate limit/).waitFor();
  } },
  { name: 'rows-request', path: '/data/runs?state=completed_with_errors', act: async (page) => {
    await page.getByRole('link', { name: 'Newsletter of the seniors' }).click();
    await page.getByRole('button', { name: /^POST/ }).nth(2).click();
  } },
  { name: 'tables', path: '/data/tables' },
  { name: 'table', path: '/data/tables/Customer' },
  { name: 'table-data', path: '/data/tables/Customer/data' },
  { name: 'table-failed', path: '/data/tables/Stores' },
  { name: 'import', path: '/data/tables/import' },
  { name: 'import-check', path: '/data/tables/import', act: upload },
  { name: 'segments', path: '/data/segments' },
  { name: 'segment', path: '/data/segments', act: (page) => page.getByRole('link', { name: 'US seniors' }).click() },
  { name: 'segment-edit', path: '/data/segments', act: async (page) => {
    await page.getByRole('button', { name: 'More actions for US seniors' }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await page.getByText(/of 7,043 customers/).waitFor();
  } },
  { name: 'runs', path: '/data/runs' },
  { name: 'run', path: '/data/runs', act: (page) => page.getByRole('link', { name: 'Seniors to the agency' }).click() },
  { name: 'run-failed', path: '/data/runs', act: (page) => page.getByRole('link', { name: 'Spring catalogue addresses' }).click() },
  { name: 'run-approval', path: '/data/runs?state=needs_approval', act: (page) => page.getByRole('link', { name: 'Everything, nightly' }).click() },
  { name: 'run-retrying', path: '/data/runs?state=retrying', act: (page) => page.getByRole('link', { name: 'Spring catalogue addresses' }).click() },
  { name: 'run-skipped', path: '/data/runs?state=skipped', act: (page) => page.getByRole('link', { name: 'Spring catalogue addresses' }).click() },
  { name: 'schedule-export', path: '/data/exports', act: (page) => rowAction(page, 'Everything, nightly', 'Schedule') },
  { name: 'schedule-export-system', path: '/data/exports', act: (page) => rowAction(page, 'Seniors to the agency', 'Schedule') },
  { name: 'schedule-export-monthly', path: '/data/exports', act: (page) => rowAction(page, 'Win-back', 'Schedule') },
  { name: 'schedule-export-zones-menu', path: '/data/exports', act: async (page) => {
    await rowAction(page, 'Everything, nightly', 'Schedule');
    await page.getByText('When it starts').waitFor();
    await page.waitForTimeout(300);
    await page.getByRole('combobox', { name: 'Time zone' }).fill('');
    await page.getByRole('combobox', { name: 'Time zone' }).pressSequentially('new');
  } },
  { name: 'schedule-export-cron', path: '/data/exports', act: async (page) => {
    await rowAction(page, 'Everything, nightly', 'Schedule');
    await page.getByRole('combobox', { name: 'Recurrence' }).click();
    await page.getByRole('option', { name: 'Cron expression' }).click();
    await page.getByRole('textbox', { name: 'Cron expression' }).fill('0 6 *');
    await page.getByText(/five fields/).waitFor();
  } },
  { name: 'schedule-exports', path: '/data/exports', act: async (page) => {
    for (const name of ['Seniors to the agency', 'Everything, nightly', 'Win-back']) await page.getByRole('checkbox', { name: `Select ${name}` }).click();
    await button(page, 'Schedule').click();
    await page.getByRole('radio', { name: 'Define new schedule for all selected exports' }).click();
  } },
  { name: 'exports-partly', path: '/data/exports', act: async (page) => {
    for (const name of ['Seniors to the agency', 'Win-back']) await page.getByRole('checkbox', { name: `Select ${name}` }).click();
    await button(page, 'Run').click();
    await page.getByText('1 of 2 went through.').waitFor();
  } },
  { name: 'status', path: '/admin/system' },
  { name: 'status-viewer', path: '/admin/system', user: 'vera@example.org' },
  { name: 'status-table', path: '/admin/system', act: (page) => button(page, 'Show as table').click() },
  { name: 'status-progress', path: '/admin/system', act: (page) => page.getByRole('link', { name: 'See progress' }).click() },
  { name: 'status-progress-task', path: '/admin/system', act: (page) => page.getByRole('link', { name: /^Progress details of Spring catalogue addresses/ }).click() },
  { name: 'status-task', path: '/admin/system', act: async (page) => {
    await page.getByRole('link', { name: /^Progress details of Spring catalogue addresses/ }).click();
    await page.getByRole('link', { name: 'See details of Spring catalogue addresses' }).click();
  } },
  { name: 'status-history', path: '/admin/system', act: (page) => page.getByRole('link', { name: 'Spring catalogue addresses' }).first().click() },
  { name: 'system-schedule', path: '/admin/system/schedule', act: async (page) => {
    await button(page, 'Add another time').click();
    await page.getByLabel('Time 3').fill('12:00');
  } },
  { name: 'system-schedule-viewer', path: '/admin/system/schedule', user: 'vera@example.org' },
  { name: 'notifications', path: '/admin/system/notifications' },
  { name: 'notifications-forbidden', path: '/admin/system/notifications', user: 'grace@example.org' },
  { name: 'about', path: '/admin/system/about' },
  { name: 'bell-menu', path: '/', act: (page) => page.getByRole('button', { name: /^Notifications/ }).click() },
  { name: 'audit', path: '/admin/audit' },
  { name: 'audit-entry', path: '/admin/audit', act: (page) => page.getByRole('button', { name: /^Details of Connection updated/ }).click() },
  { name: 'audit-no-hits', path: '/admin/audit?q=zzz' },
  { name: 'help', path: '/help' },
  { name: 'help-type', path: '/help/sftp' },
  { name: 'not-found', path: '/nowhere' },
];
