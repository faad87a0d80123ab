import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, open } from '../browser.ts';
import { createTasks, startDashboard, type Dashboard } from '../dashboard.ts';

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

const task = (title: string, more: Record<string, unknown> = {}) => ({ title, workflow_category: 'General Support', dollar_value: 500, ...more });

it('tells of what was chosen, for whom and from what value, and keeps that', async () => {
  const { page, expectQuiet, expectAccessible, close } = await open(browser, `${dashboard.url}/notifications?tab=preferences`);
  await expectAccessible();
  await page.getByRole('button', { name: 'Allow' }).waitFor().catch(() => page.getByText(/told not to|does not offer/).waitFor());
  await page.getByRole('combobox', { name: 'New task' }).selectOption('toast');
  await page.getByLabel('Least value in dollars').fill('400');
  await page.getByRole('combobox', { name: 'Your name' }).fill('Ana Ruiz');
  await page.keyboard.press('Escape');
  await page.getByRole('switch', { name: /Only tasks I own/ }).press('Space');
  await page.reload();
  expect(await page.getByRole('combobox', { name: 'New task' }).inputValue()).toBe('toast');
  expect(await page.getByRole('switch', { name: /Only tasks I own/ }).isChecked()).toBe(true);
  await page.getByText('Live', { exact: true }).waitFor();
  await createTasks(dashboard.server.url, [
    task('Of somebody else', { current_owner: 'Ben Otieno' }),
    task('Worth too little', { current_owner: 'Ana Ruiz', dollar_value: 399 }),
    task('Mine and worth it', { current_owner: 'Ana Ruiz' }),
  ]);
  const toasts = page.getByRole('status').filter({ hasText: 'Mine and worth it' });
  await toasts.waitFor();
  expect(await page.title()).toBe('(1) Notifications · Workflow Intelligence');
  await page.getByRole('button', { name: 'Notifications, 1 new' }).press('Enter');
  const bell = page.getByRole('dialog', { name: 'Notifications' });
  await bell.getByRole('link', { name: /Mine and worth it/ }).waitFor();
  expect(await bell.getByText(/Of somebody else|Worth too little/).count()).toBe(0);
  await expectAccessible();
  await bell.getByRole('button', { name: 'Mark all as read' }).press('Enter');
  await page.getByRole('button', { name: 'Notifications', exact: true }).waitFor();
  expect(await page.title()).toBe('Notifications · Workflow Intelligence');
  await page.goto(`${dashboard.url}/notifications?unread=true`);
  await page.getByText('Everything is read').waitFor();
  await page.getByRole('button', { name: 'Clear the filters' }).press('Enter');
  await page.getByRole('list', { name: 'Notifications' }).getByText('Mine and worth it').waitFor();
  await expectAccessible();
  expectQuiet();
  await close();
});

it('a burst is told as one, what was missed is told afterwards', async () => {
  const { page, expectAccessible, close } = await open(browser, `${dashboard.url}/notifications?tab=preferences`, { theme: 'dark', width: 390, expectFailures: /./ });
  await page.getByRole('combobox', { name: 'New task' }).selectOption('toast');
  await page.waitForFunction(() => document.querySelector('header [aria-label^="Notifications"]'));
  await page.goto(`${dashboard.url}/notifications`);
  const most = page.evaluate(async () => {
    let most = 0;
    const until = performance.now() + 6000;
    while (performance.now() < until) {
      most = Math.max(most, document.querySelectorAll('button[aria-label="Dismiss"]').length);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return most;
  });
  await Promise.all(Array.from({ length: 8 }, (_, n) => createTasks(dashboard.server.url, Array.from({ length: 15 }, (_, m) => task(`Burst ${n}-${m}`)))));
  await page.getByText('120 new notifications').waitFor();
  await page.getByText('120 New task', { exact: true }).waitFor();
  await expectAccessible();
  const seen = await most;
  expect(seen).toBeGreaterThan(0);
  expect(seen).toBeLessThanOrEqual(3);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await page.getByRole('button', { name: 'Mark all as read' }).click();

  await page.goto('about:blank');
  await createTasks(dashboard.server.url, [task('While nobody looked')]);
  await page.goto(`${dashboard.url}/notifications`);
  await page.getByText('While you were away: 1 notification').waitFor();
  await page.getByRole('list', { name: 'While you were away' }).getByText('While nobody looked').waitFor();
  await expectAccessible();
  await close();
});
