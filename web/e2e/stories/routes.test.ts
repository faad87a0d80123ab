import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connected, expectFits, launch, open, type Opened } from '../browser.ts';
import { createTasks, PRODUCTION, startDashboard, type Dashboard } from '../dashboard.ts';

let dashboard: Dashboard;
let browser: Browser;
let task = '';
let visitor: Opened | undefined;

beforeAll(async () => {
  dashboard = await startDashboard();
  browser = await launch();
  const soon = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  [task = ''] = await createTasks(dashboard.server.url, [
    { title: 'Quote for 40 access points', workflow_category: 'Quote Processing', dollar_value: 61_240, sla_deadline: soon(2), current_owner: 'Ana Ruiz' },
    { title: 'Pallet 3 of 4 missing', workflow_category: 'Shipping and Logistics', priority: 'CRITICAL', sla_deadline: soon(-1) },
    { title: 'Renew 120 seats', workflow_category: 'Deal Activations', sla_deadline: soon(20) },
    { title: 'New billing address', workflow_category: 'Account Changes', task_status: 'COMPLETED' },
  ]);
});

afterAll(async () => {
  await browser?.close();
  await dashboard?.stop();
});

const ROUTES = [
  '/',
  '/board',
  '/tasks',
  '/tasks?q=nothing-has-this-name',
  ...['', '/messages', '/quarantine'].map((path) => `/mail${path}`),
  '/patterns',
  '/patterns/findings',
  '/notifications',
  '/notifications?tab=preferences',
  ...['', '/jobs', '/jobs?state=completed', '/errors', '/queues', '/workers', '/schedules', '/database', '/audit'].map((path) => `/ops${path}`),
  ...['sla', 'calendars', 'people', 'mailboxes', 'webhooks', 'keys', 'notifications'].map((path) => `/settings/${path}`),
  '/there-is-no-such-page',
];

it.each(ROUTES)('%s loads in light and, on a phone, in dark, quietly and for everybody', async (route) => {
  const url = dashboard.url + route;
  // One browser's cache for all, as most of a cold start is the same every time.
  visitor ??= await open(browser, `${dashboard.url}/there-is-nothing`);
  const { page, visit, expectAccessible, expectQuiet } = visitor;
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1440, height: 900 });
  await visit(url);
  expect(await page.title()).toMatch(/^.+ · Workflow Intelligence$/);
  await expectFits(page);
  await expectAccessible();
  // The system's theme is changed, and the window made small, without a reload.
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 844 });
  await expectFits(page);
  await expectAccessible();
  expectQuiet();
});

it('goes to pages and tasks by keyboard alone', async () => {
  const { page, expectQuiet, expectAccessible, close } = await open(browser, dashboard.url);
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content');
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await page.waitForURL('**/tasks');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('access points');
  await page.getByRole('option', { name: 'Quote for 40 access points' }).waitFor();
  await expectAccessible();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/tasks/${task}`);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await expectAccessible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Appearance' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitemradio', { name: 'Dark' }).waitFor();
  await expectAccessible();
  await page.keyboard.press('d');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
  await page.getByRole('button', { name: /^Notifications/ }).press('Enter');
  await page.getByRole('dialog', { name: 'Notifications' }).waitFor();
  await expectAccessible();
  expectQuiet();
  await close();
});

it('a change elsewhere is seen without a reload, also after the server was away', PRODUCTION, async () => {
  const { page, close } = await open(browser, `${dashboard.url}/tasks`, { expectFailures: /./ });
  await connected(page);
  await createTasks(dashboard.server.url, [{ title: 'Seen at once', workflow_category: 'General Support' }]);
  await page.getByRole('link', { name: 'Seen at once' }).waitFor();
  await dashboard.server.kill();
  await page.getByText('Reconnecting', { exact: true }).waitFor();
  // Where there is another API, it goes on.
  const other = dashboard.peer === dashboard.url ? [] : [{ title: 'Made by the other API', workflow_category: 'General Support' }];
  await createTasks(dashboard.peer, other);
  await dashboard.server.restart();
  await createTasks(dashboard.server.url, [{ title: 'Made while away', workflow_category: 'General Support' }]);
  await page.getByRole('link', { name: 'Made while away' }).waitFor({ timeout: 60_000 });
  for (const { title } of other) await page.getByRole('link', { name: title }).waitFor();
  await connected(page);
  await close();
});
