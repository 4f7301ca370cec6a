// Accessibility of every scene by axe, light and dark, wide and small. Usage: npm run axe -- [name part]

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { open, withBrowser } from './browser.mjs';
import { scenes } from './scenes.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const wanted = process.argv.slice(2);
let found = 0;

await withBrowser(async (browser, base) => {
  for (const [size, theme] of [['wide', 'light'], ['wide', 'dark'], ['small', 'light']]) {
    for (const scene of scenes.filter((s) => wanted.length === 0 || wanted.some((w) => s.name.includes(w)))) {
      const { context, page } = await open(browser, base, { size, theme, user: scene.user });
      page.setDefaultTimeout(6_000);
      await page.goto(scene.path);
      await page.waitForLoadState('networkidle', { timeout: 1_000 }).catch(() => {});
      await scene.act?.(page).catch((error) => console.log(`${scene.name} ${size}: ${error.message.split('\n')[0]}`));
      await page.waitForTimeout(400);
      // Through the debugger's world: the content security policy does not let a page take in a script.
      await page.evaluate(axe);
      const { violations } = await page.evaluate((checkRegions) =>
        window.axe.run({ exclude: [['[data-tabster-dummy]']] }, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'], rules: { region: { enabled: checkRegions } } }),
        // Menus stand outside of the landmarks, at the end of the page.
        !scene.name.includes('menu'),
      );
      for (const violation of violations) {
        found += 1;
        console.log(`${scene.name} ${size} ${theme}: ${violation.id} (${violation.impact}) ${violation.help}`);
        for (const node of violation.nodes.slice(0, 3)) console.log(`    ${node.target.join(' ')}\n      ${node.html.slice(0, 160)}\n      ${node.any[0]?.message ?? ''}`);
      }
      await context.close();
    }
  }
}, { port: 18432, env: { MOCK_VERIFY_MS: '50' } });

console.log(found === 0 ? 'no violations' : `${found} violations`);
process.exitCode = found === 0 ? 0 : 1;
