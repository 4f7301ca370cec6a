// Browser journeys against the real binary: node tests/journeys/run.mjs BINARY [name part]. The last line is "N passed, N failed".
import { start } from './harness.mjs';
import { mainPath } from './main-path.mjs';
import { forms } from './forms.mjs';
import { imports } from './imports.mjs';
import { operations } from './operations.mjs';
import { everyPage } from './pages.mjs';
import { rows } from './rows.mjs';

const [binary, only] = process.argv.slice(2);
if (!binary) {
  console.error('run.mjs BINARY [main]');
  process.exit(2);
}
let passed = 0;
let failed = 0;
// Steps of a journey build on one another: after the first failure of a journey the rest is not tried, and counts as failed.
function journey(world, stopsAtFailure) {
  let broken = false;
  return async (title, work) => {
    if (broken && stopsAtFailure) {
      failed += 1;
      console.log(`not tried  ${title}`);
      return;
    }
    try {
      await work();
      passed += 1;
      console.log(`ok         ${title}`);
    } catch (error) {
      failed += 1;
      broken = true;
      console.log(`FAILED     ${title}\n           ${String(error.message).split('\n').slice(0, 12).join('\n           ')}`);
      for (const context of world.browser.contexts()) {
        for (const page of context.pages()) await page.screenshot({ path: `${process.env.SLUICE_JOURNEY_PICTURES ?? 'build/journeys'}/failed-${failed}.png` }).catch(() => {});
      }
    }
  };
}

const world = await start(binary);
try {
  await mainPath(world, journey(world, true));
  await imports(world, journey(world, true));
  await forms(world, journey(world, false));
  await operations(world, journey(world, false));
  await rows(world, journey(world, true));
  if (only !== 'main') await everyPage(world, journey(world, false));
} finally {
  await world.stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
