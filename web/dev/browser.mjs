// Starts the mock server and a browser for the scripts in this folder, and ends both.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = path.dirname(fileURLToPath(import.meta.url));
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export async function withBrowser(work, { port = 18431, env = {} } = {}) {
  const server = spawn(process.execPath, [path.join(here, 'mock-server.mjs'), String(port)], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((ready) => server.stdout.once('data', ready));
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags });
  try {
    await work(browser, `http://127.0.0.1:${port}`);
  } finally {
    await browser.close();
    server.kill();
  }
}

export const sizes = { wide: { width: 1440, height: 900 }, medium: { width: 768, height: 1024 }, small: { width: 390, height: 844 } };

export async function open(browser, base, { size = 'wide', theme = 'light', user = 'ada@example.org' } = {}) {
  const context = await browser.newContext({ viewport: sizes[size], colorScheme: theme, baseURL: base, reducedMotion: 'reduce' });
  if (user) await context.request.post('/api/v1/session', { data: { email: user, password: 'any' } });
  const page = await context.newPage();
  const problems = [];
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && problems.push(`${m.type()}: ${m.text()}`));
  page.on('pageerror', (e) => problems.push(`page error: ${e.message}`));
  return { context, page, problems };
}
