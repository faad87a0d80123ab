import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connected, expectAccessible, expectFits, launch, open, settled, type Opened, type View } from '../browser.ts';
import { startDashboard, type Dashboard } from '../dashboard.ts';

let dashboard: Dashboard;
let browser: Browser;
let admin = '';
let viewer = '';
let task = '';

/** What a browser says itself of requests that are refused here on purpose. */
const REFUSED = /status of 40[13]|response code: 401|HTTP Authentication failed|Connection closed before receiving a handshake response/;
const SIZES: View[] = [{ theme: 'light' }, { theme: 'dark', width: 390 }, { theme: 'dark' }, { theme: 'light', width: 390 }];

async function makeKey(role: string, name: string, ...further: string[]): Promise<string> {
  const printed = await dashboard.server.command('keys', 'create', '--role', role, '--name', name, '--json', ...further);
  return (JSON.parse(printed) as { key: string }).key;
}

const show = (path: string, view: View = {}): Promise<Opened> => open(browser, dashboard.url + path, { expectFailures: REFUSED, ...view });

async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: /^Account/ }).waitFor();
  await settled(page);
}

/** Opens a page as whoever has the key. */
async function as(key: string, path: string, view: View = {}): Promise<Opened> {
  const opened = await show(path, view);
  await signIn(opened.page, key);
  return opened;
}

beforeAll(async () => {
  dashboard = await startDashboard({ WORKFLOW_AUTH: 'required' });
  browser = await launch();
  admin = await makeKey('admin', 'ana');
  viewer = await makeKey('viewer', 'vera');
  const response = await fetch(`${dashboard.server.url}/api/workflow/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${admin}` },
    body: JSON.stringify({ title: 'Pallet 3 of 4 missing', workflow_category: 'Shipping and Logistics' }),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  task = ((await response.json()) as { task_id: string }).task_id;
});

afterAll(async () => {
  await browser?.close();
  await dashboard?.stop();
});

it('the way in is the same for everybody, on every screen', async () => {
  for (const view of SIZES) {
    const { page, expectQuiet, close } = await show('/tasks?q=pallet', view);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.title()).toBe('Sign in · Workflow Intelligence');
    await expectFits(page);
    await expectAccessible(page);
    expectQuiet();
    await close();
  }
});

it('a wrong key is said at the field; a good one opens the address that was asked for, and is kept nowhere', async () => {
  const { page, expectQuiet, close } = await show('/tasks?q=pallet');
  // Nothing asks on and on while nobody is signed in.
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('websocket', (socket) => asked.push(socket.url()));
  await page.waitForTimeout(2500);
  expect(asked).toEqual([]);
  const field = page.getByLabel('API key');
  expect(await field.getAttribute('autocomplete')).toBe('current-password');
  await field.fill('wfk_0123456789abcdef_this-is-none');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('This key is not valid').waitFor();
  expect(await field.getAttribute('aria-invalid')).toBe('true');
  await expectAccessible(page);
  await signIn(page, viewer);
  await page.getByRole('link', { name: 'Pallet 3 of 4 missing' }).waitFor();
  expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/tasks?q=pallet');
  await connected(page);
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie);
  expect(kept).not.toContain('wfk_');
  expect(kept).not.toContain('workflow_session');
  // The same again by its cookie, without a question.
  await page.reload();
  await page.getByRole('link', { name: 'Pallet 3 of 4 missing' }).waitFor();
  expectQuiet();
  await close();
});

it('a viewer is not offered what they may not do, and told what they may not see', async () => {
  const { page, visit, expectQuiet, close } = await as(viewer, '/ops/queues');
  await page.getByRole('table', { name: 'Queues' }).waitFor();
  expect(await page.getByRole('button', { name: /^(Pause|Resume|Edit)/ }).count()).toBe(0);
  await visit(`${dashboard.url}/ops/schedules`);
  expect(await page.getByRole('button', { name: /^Run/ }).count()).toBe(0);
  await visit(`${dashboard.url}/settings/sla?new`);
  await page.getByText('Only admins may change this.').waitFor();
  expect(await page.getByLabel('Name', { exact: true }).first().isDisabled()).toBe(true);
  await expectAccessible(page);
  await visit(`${dashboard.url}/tasks/${task}`);
  await page.getByRole('heading', { name: 'Pallet 3 of 4 missing' }).waitFor();
  expect(await page.getByRole('button', { name: /^(Complete|Comment|Add)$/ }).count()).toBe(0);
  expect(await page.getByRole('combobox', { name: 'Priority' }).isDisabled()).toBe(true);
  await page.keyboard.press('c');
  await expectAccessible(page);
  await visit(`${dashboard.url}/board`);
  await page.getByRole('button', { name: 'Move or change Pallet 3 of 4 missing' }).click();
  await page.getByRole('menuitem', { name: 'Look inside' }).waitFor();
  expect(await page.getByRole('menuitemradio').count()).toBe(0);
  await visit(`${dashboard.url}/mail`);
  expect(await page.getByRole('button', { name: 'Choose files' }).count()).toBe(0);
  await visit(`${dashboard.url}/settings/keys`);
  const denied = page.getByRole('alert');
  await denied.getByText('You may not see this').waitFor();
  await denied.getByText('This takes the role admin').waitFor();
  await denied.getByText('Signed in as vera, viewer').waitFor();
  await denied.getByText(/^Request/).waitFor();
  expect(await page.getByRole('button', { name: 'New key' }).count()).toBe(0);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Account: vera' }).click();
  await page.getByRole('dialog', { name: 'Account' }).getByText('viewer').waitFor();
  await expectAccessible(page);
  expectQuiet();
  await close();
});

it('a key of some mailboxes says which', async () => {
  const { page, close } = await as(await makeKey('operator', 'otto', '--mailbox', 'orders,returns'), '/tasks');
  await page.getByText('No tasks yet').waitFor();
  await page.getByRole('button', { name: 'Account: otto' }).click();
  await page.getByRole('dialog', { name: 'Account' }).getByText('orders, returns').waitFor();
  await page.getByRole('link', { name: 'Overview', exact: true }).click();
  await page.getByText('This is about all mailboxes').first().waitFor();
  await page.getByText('Signed in as otto, operator of orders, returns').first().waitFor();
  await close();
});

it('a key is made, opens the pages, is revoked, and whoever used it is out within seconds, at the same address', async () => {
  const { page, visit, expectQuiet, close } = await as(admin, '/ops/queues');
  await page.getByRole('button', { name: /^Pause/ }).first().waitFor();
  await visit(`${dashboard.url}/settings/keys`);
  await page.getByRole('button', { name: 'New key' }).click();
  const form = page.getByRole('dialog', { name: 'New API key' });
  await form.getByRole('button', { name: 'Create key' }).click();
  await form.getByText('A key needs a name.').waitFor();
  await form.getByLabel('Name').fill('olga');
  await form.getByLabel('Role').selectOption('operator');
  await expectAccessible(page);
  await form.getByRole('button', { name: 'Create key' }).click();
  const secret = page.getByRole('dialog', { name: 'The key of olga' });
  const key = await secret.getByText(/^wfk_/).innerText();
  await expectAccessible(page);
  await secret.getByRole('button', { name: 'I have kept it' }).click();
  const row = page.getByRole('row', { name: /olga/ });
  await row.getByText('Active').waitFor();

  const other = await as(key, '/tasks?q=pallet&priority=NORMAL');
  await connected(other.page);
  await row.getByRole('button', { name: /^Revoke/ }).click();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Revoke the key', exact: true }).click();
  await row.getByText('Revoked').waitFor();
  const before = Date.now();
  await other.page.getByText('Your session has ended').waitFor({ timeout: 10_000 });
  expect(Date.now() - before).toBeLessThan(10_000);
  expect(new URL(other.page.url()).search).toBe('?q=pallet&priority=NORMAL');
  await signIn(other.page, viewer);
  expect(new URL(other.page.url()).search).toBe('?q=pallet&priority=NORMAL');
  // Nothing of before is left to be read.
  expect(await other.page.getByRole('alert').getByText(/./).count()).toBe(0);
  other.expectQuiet();
  await other.close();
  expectQuiet();

  await page.getByRole('button', { name: 'Account: ana' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('Use an API key').waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await close();
});

it('the list of keys is for everybody, on every screen', async () => {
  for (const view of SIZES) {
    const { page, expectQuiet, close } = await as(admin, '/settings/keys', view);
    await page.getByRole('row', { name: /vera/ }).waitFor();
    await expectFits(page);
    await expectAccessible(page);
    expectQuiet();
    await close();
  }
});
