// Pictures of every scene. Usage: npm run shots -- [name part] [--size=small] [--theme=dark]; into dev/out.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { open, sizes, withBrowser } from './browser.mjs';
import { scenes } from './scenes.mjs';

const option = (name) => process.argv.find((a) => a.startsWith(`--${name}=`))?.split('=')[1];
const wanted = process.argv.slice(2).filter((a) => !a.startsWith('--'));
const out = path.join(path.dirname(fileURLToPath(import.meta.url)), 'out');
mkdirSync(out, { recursive: true });

await withBrowser(async (browser, base) => {
  for (const size of option('size') ? [option('size')] : Object.keys(sizes)) {
    for (const theme of option('theme') ? [option('theme')] : ['light']) {
      for (const scene of scenes.filter((s) => wanted.length === 0 || wanted.some((w) => s.name.includes(w)))) {
        const { context, page, problems } = await open(browser, base, { size, theme, user: scene.user });
        page.setDefaultTimeout(6_000);
        try {
          await page.goto(scene.path);
          await page.waitForLoadState('networkidle', { timeout: 1_500 }).catch(() => {});
          await scene.act?.(page);
          await page.waitForTimeout(500);
        } catch (error) {
          problems.push(`scene: ${error.message.split('\n').slice(0, 3).join(' ')}`);
        }
        const name = [scene.name, size !== 'wide' && size, theme === 'dark' && 'dark'].filter(Boolean).join('-');
        await page.screenshot({ path: path.join(out, `${name}.png`) });
        console.log(name, problems.length ? `\n  ${problems.join('\n  ')}` : 'ok');
        await context.close();
      }
    }
  }
}, { env: { MOCK_VERIFY_MS: '50' } });
