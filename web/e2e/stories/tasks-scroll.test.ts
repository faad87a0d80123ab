import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, open } from '../browser.ts';
import { startDashboard, type Dashboard } from '../dashboard.ts';
import { importTasks } from '../tasks.ts';

/** ROWS=100000 for the whole, which takes minutes to bring in. */
const ROWS = Number(process.env.ROWS ?? 3000);
let dashboard: Dashboard;
let browser: Browser;

beforeAll(async () => {
  dashboard = await startDashboard();
  await importTasks(dashboard.server.url, ROWS);
  browser = await launch();
}, 600_000);

afterAll(async () => {
  await browser?.close();
  await dashboard?.stop();
});

it(`scrolls ${ROWS} rows to any place, with few of them in the document`, async () => {
  const { page, expectQuiet, close } = await open(browser, `${dashboard.url}/tasks`);
  const grid = page.getByRole('grid', { name: 'Tasks' });
  expect(await grid.getAttribute('aria-rowcount')).toBe(String(ROWS + 1));
  const jump = (share: number) => grid.evaluate((element, share) => element.scrollTo(0, share * element.scrollHeight), share);
  await jump(1);
  await page.getByRole('link', { name: `Row ${ROWS - 1}`, exact: true }).waitFor();
  await jump(0.5);
  await page.getByRole('link', { name: `Row ${ROWS / 2 + 5}`, exact: true }).waitFor();
  for (let step = 0; step <= 60; step++) {
    await jump(step / 60);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  expect(await page.getByRole('row').count()).toBeLessThan(60);
  await page.getByRole('link', { name: `Row ${ROWS - 1}`, exact: true }).waitFor();
  // By key as well, and the cell that has the focus stays in the document.
  await grid.locator('[data-column="1"]').last().focus();
  await page.keyboard.press('Control+Home');
  await page.getByRole('link', { name: 'Row 0', exact: true }).waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.closest('[data-row]')?.getAttribute('data-row'))).toBe('0');
  await jump(0.7);
  expect(await page.evaluate(() => document.activeElement?.closest('[data-row]')?.getAttribute('data-row'))).toBe('0');
  expectQuiet();
  await close();
});
