// Every page with real data, wide and small: no violation of WCAG 2.1 AA, nothing wider than the window.
import { axe, equal, picture, signIn } from './harness.mjs';

const paths = ['/', '/data/tables', '/data/tables/Customer', '/data/tables/Customer/data', '/data/tables/import', '/data/segments', '/data/segments/new', '/data/segments/import', '/data/exports', '/data/exports/new', '/data/runs',
  '/admin/connections/discover', '/admin/connections/exports', '/admin/connections/enrichments', '/admin/connections/discover/new/sftp', '/admin/system/status', '/admin/system/schedule', '/admin/system/notifications', '/admin/system/about', '/admin/audit', '/help/sftp'];

export async function everyPage(world, step) {
  for (const [name, size] of Object.entries({ wide: { width: 1440, height: 900 }, small: { width: 390, height: 844 }, smallest: { width: 360, height: 740 } })) {
    const page = await signIn(world, 'administrator', size);
    for (const path of paths) {
      await step(`${path} at ${size.width} px is accessible and fits (UI-16, UI-17)`, async () => {
        await page.goto(path);
        await page.waitForLoadState('networkidle', { timeout: 1500 }).catch(() => {});
        await page.locator('h1, [role=dialog] h2').first().waitFor();
        await picture(page, `page${path.replaceAll('/', '-')}-${name}`);
        equal(await axe(page), [], 'violations');
        equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true, 'the page fits the window');
      });
    }
    await page.context().close();
  }
}
