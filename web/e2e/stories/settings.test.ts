import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAccessible, launch, open, settled } from '../browser.ts';
import { createTasks, startDashboard, type Dashboard } from '../dashboard.ts';

let dashboard: Dashboard;
let browser: Browser;

const BOOK = {
  calendars: { office: { zone: 'Europe/Paris', week: { mon: ['09:00-12:00', '13:00-17:00'], tue: ['09:00-17:00'] } } },
  policies: [
    { name: 'Large orders', when: { categories: ['Order Management'], min_value: 50_000 }, resolution_hours: 4, calendar: 'office' },
    { name: 'Orders', when: { categories: ['Order Management'] }, resolution_hours: 16 },
    { name: 'Returns', when: { categories: ['Returns and RMA'] }, resolution_hours: 12 },
    { name: 'default', resolution_hours: { CRITICAL: 4, HIGH: 24, MEDIUM: 72, NORMAL: 168 } },
  ],
};

async function api(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(dashboard.server.url + path, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

beforeAll(async () => {
  dashboard = await startDashboard();
  browser = await launch();
  await createTasks(dashboard.server.url, [{ title: '40 access points', workflow_category: 'Order Management', dollar_value: 61_240 }]);
  await api('PUT', '/api/sla', { book: BOOK });
});

afterAll(async () => {
  await browser?.close();
  await dashboard?.stop();
});

it('a policy is changed, with its deadlines before it is saved', async () => {
  const { page, close } = await open(browser, `${dashboard.url}/settings/sla`, { expectFailures: /422|412/ });
  await page.getByRole('link', { name: 'Large orders' }).click();
  await settled(page);
  await page.getByText('This policy is the first one that this task meets.').waitFor();
  const preview = page.getByRole('list', { name: 'What happens when' });
  await preview.getByText('Deadline').waitFor();
  // What cannot be is said at its field.
  const hours = page.getByLabel('Hours until completion: hours');
  await hours.fill('0');
  await page.getByText('Must be over 0 and at most 87600.').first().waitFor();
  await expectAccessible(page);
  await hours.fill('8');
  await page.getByText(/Recomputing would move 1 of 1 open task/).waitFor();
  // Somebody else is faster.
  await api('PUT', '/api/sla/policies/Orders', { policy: { ...BOOK.policies[1], resolution_hours: 20 } });
  await page.getByRole('button', { name: 'Review and save' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change Large orders' });
  await dialog.getByRole('button', { name: 'Save policy' }).click();
  await dialog.getByText('Somebody else changed this meanwhile').waitFor();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Make the same change to the newest book' }).click();
  await dialog.getByText('Somebody else changed this meanwhile').waitFor({ state: 'detached' });
  await dialog.getByRole('button', { name: 'Save policy' }).click();
  await page.getByRole('heading', { name: 'SLA policies' }).waitFor();
  const { book } = (await api('GET', '/api/sla')) as { book: { policies: { resolution_hours: unknown }[] } };
  expect(book.policies.map((policy) => policy.resolution_hours).slice(0, 2)).toEqual([8, 20]);
  await close();
});

it('policies are put in another order by keyboard alone', async () => {
  const { page, close } = await open(browser, `${dashboard.url}/settings/sla`, { theme: 'dark', expectFailures: /422|preview|dry_run/ });
  const bar = page.getByRole('group', { name: 'Changed order' });
  // After Orders no task is left for the large ones.
  await page.getByRole('button', { name: 'Move Large orders down' }).press('Enter');
  await page.getByRole('alert').getByText('This was refused').or(page.getByText('/book/policies/1')).first().waitFor();
  await bar.getByRole('button', { name: 'Discard' }).press('Enter');
  await bar.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Move Orders down' }).press('Enter');
  await bar.getByRole('button', { name: 'Review and save' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Change the order' });
  await dialog.getByText(/Recomputing would move/).waitFor();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Save the order' }).press('Enter');
  await dialog.waitFor({ state: 'detached' });
  const { book } = (await api('GET', '/api/sla')) as { book: { policies: { name: string }[] } };
  expect(book.policies.map(({ name }) => name)).toEqual(['Large orders', 'Returns', 'Orders', 'default']);
  await close();
});

it('a week is edited on a phone', async () => {
  const { page, expectAccessible: accessible, expectQuiet, close } = await open(browser, `${dashboard.url}/settings/calendars?calendar=office`, { width: 390 });
  await page.getByLabel('Monday, span 1: from').fill('08:00');
  await page.getByText(/Recomputing would move/).waitFor();
  await accessible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  expectQuiet();
  await close();
});

it('a webhook is made, shows its secret once and is tested', async () => {
  const { page, expectQuiet, close } = await open(browser, `${dashboard.url}/settings/webhooks`);
  await page.getByText('No webhooks yet').waitFor();
  await page.getByRole('button', { name: 'New webhook' }).click();
  await page.getByLabel('URL').fill('https://example.com/hook');
  await page.getByLabel('Events').fill('workflow:sla:*');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Create webhook' }).click();
  const secret = page.getByRole('dialog', { name: 'The webhook\'s secret' });
  await secret.getByText(/^whsec_/).waitFor();
  await secret.getByRole('button', { name: 'I have kept it' }).click();
  await page.getByRole('link', { name: 'https://example.com/hook' }).click();
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.getByText('workflow:webhook:test').first().waitFor();
  await expectAccessible(page);
  await page.getByRole('combobox', { name: 'Which deliveries' }).selectOption('delivered');
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.getByText('workflow:webhook:test').first().waitFor();
  expectQuiet();
  await close();
});

it('a mailbox says at its fields what it lacks', async () => {
  const { page, close } = await open(browser, `${dashboard.url}/settings/mailboxes`, { expectFailures: /422|mailboxes/ });
  await page.getByRole('button', { name: 'New mailbox' }).click();
  const dialog = page.getByRole('dialog', { name: 'New mailbox' });
  await dialog.getByLabel('Name', { exact: true }).fill('orders@example.com');
  await dialog.getByLabel('Kind of source').selectOption('imap');
  await dialog.getByRole('button', { name: 'Create mailbox' }).click();
  await dialog.getByText('Is required.').first().waitFor();
  expect(await dialog.getByLabel('Server').getAttribute('aria-invalid')).toBe('true');
  await expectAccessible(page);
  await dialog.getByLabel('Kind of source').selectOption('none');
  await dialog.getByRole('button', { name: 'Create mailbox' }).click();
  await page.getByRole('button', { name: 'orders@example.com', exact: true }).waitFor();
  await close();
});

it('an error says its request and can be tried again', async () => {
  const { page, close } = await open(browser, `${dashboard.url}/settings/people`, { expectFailures: /./ });
  await page.getByText('No people yet').waitFor();
  const problem = { type: 'about:blank', title: 'Conflict', status: 409, detail: 'Not now.', instance: 'request-1' };
  await page.route('**/api/people', (route) => route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify(problem) }));
  await page.reload();
  await page.getByText('request-1').waitFor();
  await expectAccessible(page);
  await page.unroute('**/api/people');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('No people yet').waitFor();
  await close();
});
