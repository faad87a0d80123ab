import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connected, expectAccessible, expectFits, launch, open, settled } from '../browser.ts';
import { createTasks, startDashboard, type Dashboard } from '../dashboard.ts';

let dashboard: Dashboard;
let browser: Browser;

const HOUR = 3_600_000;
const ahead = (hours: number) => new Date(Date.now() + hours * HOUR).toISOString();

async function ask<T>(path: string, body?: unknown): Promise<T> {
  const response = await fetch(dashboard.server.url + path, {
    ...(body !== undefined && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const seen = await look();
    if (seen) return seen;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`in vain: ${what}`);
}

beforeAll(async () => {
  dashboard = await startDashboard();
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  await dashboard?.stop();
});

/** A past of completed tasks, so that there is a forecast, and open ones of three owners. */
async function fill(): Promise<void> {
  const tasks = Array.from({ length: 160 }, (_, n) => {
    const created = Date.now() - (30 + n * 3) * HOUR;
    const done = new Date(created + (4 + (n % 20)) * HOUR).toISOString();
    return {
      task_id: `TASK-${created}-${n}`,
      title: `Done before ${n}`,
      workflow_category: n % 2 ? 'Order Management' : 'Quote Processing',
      workflow_state: 'COMPLETION',
      task_status: 'COMPLETED',
      priority: 'HIGH',
      dollar_value: 100 + n,
      created_at: new Date(created).toISOString(),
      updated_at: done,
      completion_date: done,
      sla_deadline: new Date(created + 16 * HOUR).toISOString(),
    };
  });
  await ask('/api/workflow/import', { source: 'old desk', tasks });
  await createTasks(dashboard.server.url, [
    { title: 'Quote for 40 access points', workflow_category: 'Quote Processing', dollar_value: 61_240, sla_deadline: ahead(2), current_owner: 'Ana Ruiz', priority: 'HIGH' },
    { title: 'Pallet 3 of 4 missing', workflow_category: 'Shipping and Logistics', dollar_value: 1_250, sla_deadline: ahead(-1), task_status: 'RED' },
    { title: 'Renew 120 seats', workflow_category: 'Deal Activations', dollar_value: 2_000_000_000, sla_deadline: ahead(20), current_owner: 'Jonas Weber', priority: 'HIGH' },
    { title: `A very long title ${'that goes on '.repeat(20)}`, workflow_category: 'Account Changes', sla_deadline: ahead(30), current_owner: 'A name of many letters, '.repeat(6).trim(), priority: 'HIGH' },
  ]);
  await until('the imported tasks', async () => (await ask<{ completed_tasks: number }>('/api/workflow/metrics')).completed_tasks >= 160);
  await ask('/api/forecast/fit', {});
  await until('a model', async () => (await ask<{ model: unknown }>('/api/forecast')).model != null);
}

/** The section `At a glance`, the first that is read. */
const glance = (page: Page) => page.getByRole('region', { name: 'At a glance' });
const colours = (page: Page) => page.getByRole('region', { name: 'Tasks by colour' });

it('says that there is nothing yet, and where to begin', async () => {
  const { page, expectAccessible, expectQuiet, close } = await open(browser, dashboard.url);
  await page.getByText('No tasks yet', { exact: true }).waitFor();
  expect(await page.getByRole('link', { name: 'Bring in mail' }).getAttribute('href')).toBe('/mail');
  await expectAccessible();
  expectQuiet();
  await close();
  await fill();
});

it('shows the figures of the API, each with the list of exactly its tasks', async () => {
  const { page, expectQuiet, close } = await open(browser, dashboard.url);
  const metrics = await ask<Record<string, number>>('/api/workflow/metrics');
  await colours(page).getByText(String(metrics.completed_tasks), { exact: true }).waitFor();
  await glance(page).getByText('$2B').or(glance(page).getByText('$1.3K')).first().waitFor();
  const total = async (href: string | null) => {
    const list = await ask<{ pagination: { total: number } }>(`/api/workflow/list${new URL(href ?? '', dashboard.url).search}`);
    return list.pagination.total;
  };
  const of = (name: string) => colours(page).getByRole('link', { name, exact: true }).getAttribute('href');
  expect(await total(await of('Red'))).toBe(metrics.red_tasks);
  expect(await total(await of('Yellow'))).toBe(metrics.yellow_tasks);
  expect(await total(await of('Green'))).toBe(metrics.green_tasks);
  expect(await total(await of('Completed'))).toBe(metrics.completed_tasks);
  const within = (name: string) => glance(page).getByRole('link', { name, exact: true }).getAttribute('href');
  expect(await total(await within('Within 4 hours'))).toBe(metrics.sla_critical_4h);
  expect(await total(await within('Within 24 hours'))).toBe(metrics.sla_warning_24h);
  expect(await total(await glance(page).getByRole('link', { name: String(metrics.sla_violations), exact: true }).getAttribute('href'))).toBe(metrics.sla_violations);
  // Every list that the page leads to is one that the API gives.
  const links = await page.locator('main a[href^="/tasks?"]').evaluateAll((found) => found.map((link) => link.getAttribute('href')));
  expect(links.length).toBeGreaterThan(30);
  for (const link of new Set(links)) await total(link);
  await page.getByRole('link', { name: 'Pallet 3 of 4 missing' }).first().click();
  await page.waitForURL('**/tasks/TASK-*');
  expectQuiet();
  await close();
});

it('changes while somebody looks', async () => {
  const { page, expectQuiet, close } = await open(browser, dashboard.url, { reducedMotion: false });
  await connected(page);
  const red = async () => Number(/Red\s*(\d+)/.exec((await colours(page).textContent()) ?? '')?.[1]);
  const before = await red();
  await createTasks(dashboard.server.url, [{ title: 'Suddenly red', workflow_category: 'General Support', task_status: 'RED', dollar_value: 500, sla_deadline: ahead(-2) }]);
  await until('the new figure', async () => (await red()) === before + 1);
  await page.getByRole('list', { name: 'Past the deadline' }).getByRole('link', { name: 'Suddenly red' }).waitFor();
  expectQuiet();
  await close();
});

it('is used by keyboard alone, and its address restores the view', async () => {
  const { page, expectQuiet, close } = await open(browser, dashboard.url, { expectFailures: /as_of/ });
  await page.getByRole('radio', { name: 'Week' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('heading', { name: 'Last 30 days' }).waitFor();
  expect(new URL(page.url()).searchParams.get('period')).toBe('month');
  await page.getByRole('radio', { name: 'By deadline' }).focus();
  await page.keyboard.press('ArrowRight');
  const coming = page.getByRole('list', { name: 'Breaches next' }).getByRole('listitem');
  await coming.first().getByText('Renew 120 seats').waitFor();
  await coming.first().getByRole('button', { name: /likely to breach, why/ }).focus();
  await page.keyboard.press('Enter');
  await coming.first().getByText(/expected at risk/).waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Show as a table' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('columnheader', { name: 'Breached' }).waitFor();
  await page.getByRole('button', { name: 'Efficiency' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/by=-efficiency_score/);
  await page.reload();
  await settled(page);
  expect(await page.getByRole('radio', { name: 'Month' }).isChecked()).toBe(true);
  expect(await page.getByRole('radio', { name: 'By expected loss' }).isChecked()).toBe(true);
  expect(await page.getByRole('columnheader', { name: 'Efficiency' }).getAttribute('aria-sort')).toBe('descending');
  await page.getByRole('button', { name: 'Look back' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Look back' }).waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'A week ago' }).focus();
  await page.keyboard.press('Enter');
  // This product is younger than that.
  await page.getByText('There are no figures of this instant').waitFor();
  await page.getByText(/the past is kept from/).first().waitFor();
  await page.getByRole('button', { name: 'Back to live' }).focus();
  await page.keyboard.press('Enter');
  await glance(page).waitFor();
  expectQuiet();
  await close();
});

it('shows an instant of the past, without lists of now', async () => {
  const metrics = await ask<{ calculated_at: string; red_tasks: number }>('/api/workflow/metrics');
  await createTasks(dashboard.server.url, [{ title: 'After that', workflow_category: 'General Support', task_status: 'RED' }]);
  const url = `${dashboard.url}/?as_of=${metrics.calculated_at}`;
  const { page, expectAccessible, expectQuiet, close } = await open(browser, url);
  await page.getByText(/^Showing /).waitFor();
  expect(await colours(page).textContent()).toMatch(new RegExp(`^Red${metrics.red_tasks}\\D`));
  expect(await page.locator('main a[href^="/tasks"]').count()).toBe(0);
  expect(await page.getByRole('heading', { name: 'Forecast' }).count()).toBe(0);
  await expectAccessible();
  expectQuiet();
  await close();
});

it('is for everybody, also on a phone and in forced colours', async () => {
  const { page, expectQuiet, close } = await open(browser, dashboard.url, { theme: 'dark', width: 390 });
  await expectAccessible(page);
  await expectFits(page);
  // What is at risk and how much is red is on the first screen.
  const below = await colours(page).getByText('Red', { exact: true }).evaluate((element) => element.getBoundingClientRect().bottom);
  expect(below).toBeLessThan(844);
  await page.emulateMedia({ forcedColors: 'active' });
  await page.setViewportSize({ width: 1440, height: 900 });
  await expectAccessible(page);
  await expectFits(page);
  expectQuiet();
  await close();
});

it('says what failed, and tries again', async () => {
  const { page, close } = await open(browser, `${dashboard.url}/tasks`, { expectFailures: /./ });
  const refuse = async () => {
    await page.route(/\/api\/(workflow\/(metrics|analytics|list)|forecast)/, (route) =>
      route.fulfill({ status: 422, contentType: 'application/problem+json', body: JSON.stringify({ title: 'Refused', status: 422, detail: 'Not today.', instance: 'request-7' }) }),
    );
  };
  await refuse();
  await page.goto(dashboard.url);
  await page.getByText('The figures could not be loaded').waitFor();
  await page.getByText('request-7').first().waitFor();
  await expectAccessible(page);
  await page.unroute(/\/api\/(workflow\/(metrics|analytics|list)|forecast)/);
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await glance(page).waitFor();
  await close();
});

it('is printed without what is for the screen, with the date', async () => {
  const { page, close } = await open(browser, dashboard.url);
  await page.emulateMedia({ media: 'print' });
  await page.getByText(/figures of .*Europe\/Paris/).waitFor();
  expect(await page.getByRole('navigation', { name: 'Main' }).first().isVisible()).toBe(false);
  expect(await page.getByRole('button', { name: 'Look back' }).isVisible()).toBe(false);
  expect(await page.locator('main canvas').isVisible()).toBe(true);
  const paper = await page.pdf({ format: 'A4' });
  const pages = paper.toString('latin1').match(/\/Type\s*\/Page[^s]/g)?.length ?? 0;
  expect(pages).toBeGreaterThan(0);
  expect(pages).toBeLessThanOrEqual(4);
  await close();
});
