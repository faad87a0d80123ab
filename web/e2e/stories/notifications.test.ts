import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connected, expectFits, launch, open } from '../browser.ts';
import { createTasks, PRODUCTION, startDashboard, type Dashboard } from '../dashboard.ts';

let dashboard: Dashboard;
let browser: Browser;

beforeAll(async () => {
  dashboard = await startDashboard();
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  await dashboard?.stop();
});

const SOON = { timeout: 15_000 };

const task = (title: string, more: Record<string, unknown> = {}) => ({ title, workflow_category: 'General Support', dollar_value: 500, ...more });

it('tells of what was chosen, for whom and from what value, and keeps that', async () => {
  const { page, expectQuiet, expectAccessible, close } = await open(browser, `${dashboard.url}/notifications?tab=preferences`);
  await expectAccessible();
  await page.getByRole('button', { name: 'Allow' }).or(page.getByText(/told not to|does not offer/)).waitFor();
  await page.getByRole('combobox', { name: 'New task' }).selectOption('toast');
  await page.getByLabel('Least value in dollars').fill('400');
  await page.getByRole('combobox', { name: 'Your name' }).fill('Ana Ruiz');
  // Escape would put back what was there.
  await page.keyboard.press('Tab');
  await page.getByRole('switch', { name: /Only tasks I own/ }).press('Space');
  await page.reload();
  expect(await page.getByRole('combobox', { name: 'New task' }).inputValue()).toBe('toast');
  expect(await page.getByRole('switch', { name: /Only tasks I own/ }).isChecked()).toBe(true);
  await connected(page);
  await createTasks(dashboard.server.url, [
    task('Of somebody else', { current_owner: 'Ben Otieno' }),
    task('Worth too little', { current_owner: 'Ana Ruiz', dollar_value: 399 }),
    task('Mine and worth it', { current_owner: 'Ana Ruiz' }),
  ]);
  const toasts = page.getByRole('status').filter({ hasText: 'Mine and worth it' });
  await toasts.waitFor();
  await expect.poll(() => page.title(), SOON).toBe('(1) Notifications · Workflow Intelligence');
  await page.getByRole('button', { name: 'Notifications, 1 new' }).press('Enter');
  const bell = page.getByRole('dialog', { name: 'Notifications' });
  await bell.getByRole('link', { name: /Mine and worth it/ }).waitFor();
  expect(await bell.getByText(/Of somebody else|Worth too little/).count()).toBe(0);
  await expectAccessible();
  await bell.getByRole('button', { name: 'Mark all as read' }).press('Enter');
  await page.getByRole('button', { name: 'Notifications', exact: true }).waitFor();
  await expect.poll(() => page.title(), SOON).toBe('Notifications · Workflow Intelligence');
  await page.goto(`${dashboard.url}/notifications?unread=true`);
  await page.getByText('Everything is read').waitFor();
  await page.getByRole('button', { name: 'Clear the filters' }).press('Enter');
  await page.getByRole('list', { name: 'Notifications' }).getByText('Mine and worth it').waitFor();
  await expectAccessible();
  expectQuiet();
  await close();
});

it('what happened while the server was away is told when it is back', PRODUCTION, async () => {
  const { page, close } = await open(browser, `${dashboard.url}/notifications?tab=preferences`, { expectFailures: /./ });
  await page.getByRole('combobox', { name: 'New task' }).selectOption('toast');
  await connected(page);
  await dashboard.server.kill();
  await page.getByText('Reconnecting', { exact: true }).waitFor();
  const alone = dashboard.peer === dashboard.url;
  if (!alone) await createTasks(dashboard.peer, [task('While it was away')]);
  await dashboard.server.restart();
  if (alone) await createTasks(dashboard.server.url, [task('While it was away')]);
  await page.getByRole('status').filter({ hasText: 'While it was away' }).waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Notifications, 1 new' }).waitFor();
  await close();
});

it('a burst is told as one, what was missed is told afterwards', PRODUCTION, async () => {
  const { page, expectAccessible, close } = await open(browser, `${dashboard.url}/notifications?tab=preferences`, { theme: 'dark', width: 390, expectFailures: /./ });
  await page.getByRole('combobox', { name: 'New task' }).selectOption('toast');
  await page.goto(`${dashboard.url}/notifications`);
  await connected(page);
  await page.evaluate(() => {
    const { dataset } = document.documentElement;
    new MutationObserver(() => {
      const toasts = document.querySelectorAll('button[aria-label="Dismiss"]').length;
      dataset.mostToasts = String(Math.max(toasts, Number(dataset.mostToasts ?? 0)));
    }).observe(document.body, { childList: true, subtree: true });
  });
  await Promise.all(Array.from({ length: 8 }, (_, n) => createTasks(dashboard.server.url, Array.from({ length: 5 }, (_, m) => task(`Burst ${n}-${m}`)))));
  await page.getByText('40 new notifications').waitFor();
  await page.getByText('40 New task', { exact: true }).waitFor();
  await expectAccessible();
  const most = Number(await page.evaluate(() => document.documentElement.dataset.mostToasts));
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(3);
  await expectFits(page);
  await page.getByRole('button', { name: 'Mark all as read' }).click();

  await page.goto('about:blank');
  await createTasks(dashboard.server.url, [task('While nobody looked')]);
  await page.goto(`${dashboard.url}/notifications`);
  await page.getByText('While you were away: 1 notification').waitFor();
  await page.getByRole('list', { name: 'While you were away' }).getByRole('link', { name: /While nobody looked/ }).waitFor();
  await expectAccessible();
  await close();
});
