// Starts what a journey needs, all of it real: the binary on a new data folder, an OpenSSH server, Chromium. Ends it too.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
// The browser driver and the accessibility checker are the web app's own development packages.
const fromWeb = createRequire(path.join(root, 'web/package.json'));
export const { chromium } = fromWeb('playwright-core');
export const axeSource = fromWeb('axe-core').source;

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
export const pictures = process.env.SLUICE_JOURNEY_PICTURES ?? path.join(root, 'build/journeys');
export const password = 'journey password 1';
export const people = {
  administrator: { email: 'ada@example.org', name: 'Ada Admin' },
  contributor: { email: 'carl@example.org', name: 'Carl Contributor' },
  viewer: { email: 'vera@example.org', name: 'Vera Viewer' },
};

function firstLine(child, what) {
  return new Promise((found, failed) => {
    readline.createInterface({ input: child.stdout }).once('line', found);
    child.once('exit', (code) => failed(new Error(`${what} ended with ${code} before it was ready`)));
  });
}

export async function start(binary) {
  mkdirSync(pictures, { recursive: true });
  const work = mkdtempSync(path.join(os.tmpdir(), 'sluice-journey-'));
  const data = path.join(work, 'data');
  const sshd = spawn('python3', [path.join(root, 'tests/support/sshd.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const sftp = JSON.parse(await firstLine(sshd, 'sshd'));
  for (const [role, person] of Object.entries(people)) {
    const added = spawnSync(binary, ['user', 'add', '--data', data, '--email', person.email, '--name', person.name, '--role', role, '--password-stdin'], { input: `${password}\n`, encoding: 'utf8' });
    if (added.status !== 0) throw new Error(`user add: ${added.stderr}`);
  }
  const server = spawn(binary, ['serve', '--data', data, '--listen', '127.0.0.1:0'], { env: { ...process.env, SLUICE_EGRESS_ALLOW: '127.0.0.1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  server.stderr.on('data', (text) => { log += text; });
  const base = (await firstLine(server, 'sluice')).replace(/^.* on /, '');
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags });
  return {
    base, sftp, work, browser, log: () => log,
    async stop() {
      await browser.close();
      server.kill();
      sshd.stdin.end();
      await new Promise((ended) => sshd.once('exit', ended));
      rmSync(work, { recursive: true, force: true });
    },
  };
}

// A signed-in page of its own; `problems` collects what the browser complains of.
export async function signIn(world, role, { width = 1440, height = 900 } = {}) {
  const context = await world.browser.newContext({ viewport: { width, height }, baseURL: world.base, reducedMotion: 'reduce', locale: 'en-US' });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(`page error: ${error.message}`));
  page.on('console', (message) => message.type() === 'error' && !/401|403/.test(message.text()) && page.problems.push(message.text()));
  await page.goto('/sign-in');
  await page.getByRole('textbox', { name: 'E-mail address' }).fill(people[role].email);
  await page.getByLabel(/^Password/).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('button', { name: `Account of ${people[role].name}` }).waitFor();
  return page;
}

export async function choose(page, label, option) {
  const box = page.getByRole('combobox', { name: label });
  await box.click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

export async function axe(page) {
  await page.evaluate(axeSource);
  const result = await page.evaluate(() => globalThis.axe.run({ exclude: [['[data-tabster-dummy]']] }, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
  return result.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(' ')).slice(0, 3).join(', ')}`);
}

export const picture = (page, name) => page.screenshot({ path: path.join(pictures, `${name}.png`) });

export function equal(seen, wanted, what) {
  const [a, b] = [JSON.stringify(seen), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what}: expected ${b.slice(0, 500)}, saw ${a.slice(0, 500)}`);
}
