import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, open } from '../browser.ts';
import { createTasks, PRODUCTION, startDashboard, type Dashboard } from '../dashboard.ts';
import { readTask, updateTask, uploadMail } from '../mailbox.ts';

let dashboard: Dashboard;
let browser: Browser;
let order = '';
let hostile = '';
const at = (id: string) => `${dashboard.url}/tasks/${encodeURIComponent(id)}`;
const api = () => dashboard.server.url;

const ORDER = `From: =?utf-8?q?Zo=C3=A9_Marchand?= <zoe@copperline.example>
To: orders@brightmere.example
Subject: Pallet missing, order 7730188
Message-ID: <pallet@copperline.example>
Date: Mon, 30 Nov 2026 09:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=cut

--cut
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Hello,

one pallet of PO CR-5530 is missing, worth USD 38,900.00. Please trace order =
7730188.

Zo=C3=A9

On Sun, Brightmere wrote:
> Your order has left our warehouse.
--cut
Content-Type: text/csv; name="packing list.csv"
Content-Disposition: attachment; filename="packing list.csv"

item,count
--cut--
`.replaceAll('\n', '\r\n');

const RUN = '<script>window.ran=1</script><img src="https://evil.example/a.png" onerror="window.ran=1">';
const HOSTILE = `From: "${RUN.replaceAll('"', "'")}" <evil@evil.example>
To: orders@brightmere.example
Subject: Order 7730999 ${RUN} javascript:window.ran=1
Message-ID: <hostile@evil.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=cut

--cut
Content-Type: multipart/alternative; boundary=alt

--alt
Content-Type: text/plain; charset=utf-8

Please confirm purchase order EV-9911 ${RUN}
<svg onload="window.ran=1"> </textarea><iframe src="javascript:parent.ran=1"></iframe>
[link](javascript:window.ran=1) https://evil.example/click {{constructor.constructor('window.ran=1')()}}
--alt
Content-Type: text/html; charset=utf-8

<body onload="window.ran=1">${RUN}<link rel=stylesheet href="https://evil.example/x.css"><form action="https://evil.example"></form>
<iframe src="https://evil.example/frame"></iframe><p style="background:url(https://evil.example/bg)">Please confirm purchase order EV-9911</p></body>
--alt--
--cut
Content-Type: text/html
Content-Disposition: attachment; filename="<img src=x onerror=window.ran=1>.html"

<script>window.ran=1</script>
--cut--
`.replaceAll('\n', '\r\n');

beforeAll(async () => {
  dashboard = await startDashboard();
  browser = await launch();
  order = await uploadMail(api(), ORDER);
  hostile = await uploadMail(api(), HOSTILE);
});

afterAll(async () => {
  await browser?.close();
  await dashboard?.stop();
});

it('shows a task with its mail in light, dark and on a phone, for everybody', async () => {
  for (const [theme, width] of [['light', 1440], ['dark', 1440], ['dark', 390]] as const) {
    const opened = await open(browser, at(order), { theme, width });
    const { page } = opened;
    await page.getByText('one pallet of PO').waitFor();
    await opened.expectAccessible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    opened.expectQuiet();
    await opened.close();
  }
});

it('says why, marks the words, folds what is quoted, and gives files', async () => {
  const opened = await open(browser, at(order));
  const { page } = opened;
  await page.getByText('one pallet of PO').waitFor();
  expect(await page.getByText('has left our warehouse').count()).toBe(0);
  await page.getByRole('button', { name: /^Quoted text/ }).click();
  await page.getByText('has left our warehouse').waitFor();

  await page.getByRole('button', { name: 'Why? Value' }).click();
  const why = page.getByRole('dialog', { name: 'Why: Value' });
  await why.getByText('USD 38,900.00').waitFor();
  await opened.expectAccessible();
  await why.getByRole('button', { name: 'Show in the mail' }).click();
  await page.locator('mark[data-fields~=dollar_value][data-on]', { hasText: 'USD 38,900.00' }).waitFor();

  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /packing list\.csv/ }).click()]);
  expect(file.suggestedFilename()).toContain('packing');
  const [raw] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /as received/i }).click()]);
  expect(raw.suggestedFilename()).toMatch(/\.eml$/);
  await page.getByRole('button', { name: 'Original formatting' }).click();
  await page.getByText('This mail has no HTML part').waitFor();
  expect(await page.getByRole('link', { name: 'CR-5530, find tasks with it' }).getAttribute('href')).toBe('/tasks?q=CR-5530');
  opened.expectQuiet();
  await opened.close();
});

it('is edited, commented and completed by keyboard alone, and its history tells', async () => {
  const opened = await open(browser, at(order));
  const { page } = opened;
  await page.getByText('one pallet of PO').waitFor();
  await page.keyboard.press('e');
  await page.keyboard.type('Pallet 3 of 4 missing');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: /Pallet 3 of 4 missing/ }).waitFor();
  await page.keyboard.press('v');
  await page.keyboard.type('much');
  await page.keyboard.press('Enter');
  await page.getByText('An amount such as 1,250.50').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('a');
  await page.keyboard.type('Ana Ruiz');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^Ana Ruiz\W+edit owner$/ }).waitFor();
  await page.keyboard.press('m');
  await page.keyboard.type('The carrier looks for it, @ana');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('list', { name: 'Comments' }).getByText('The carrier looks for it').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Next task of the list').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('c');
  await page.getByRole('status').getByText('Completed', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Complete' }).waitFor();
  await expect.poll(async () => (await readTask(api(), order)).task_status).not.toBe('COMPLETED');
  expect(await readTask(api(), order)).toMatchObject({ title: 'Pallet 3 of 4 missing', current_owner: 'Ana Ruiz' });
  const history = page.locator('section', { has: page.getByRole('heading', { name: 'History' }) });
  await history.getByText('Ana Ruiz').first().waitFor();
  await page.getByLabel('Changes by').selectOption('automatic');
  await history.getByText('Opened the task').waitFor();
  await page.getByLabel('Changes of').selectOption('title');
  await history.getByText('No change matches').waitFor();
  await history.getByRole('button', { name: 'Clear the filters' }).click();
  await page.getByRole('button', { name: /^Delete the comment/ }).click();
  await page.getByRole('button', { name: 'Delete comment' }).click();
  await expect.poll(() => page.getByRole('list', { name: 'Comments' }).count()).toBe(0);
  opened.expectQuiet();
  await opened.close();
});

it("does not write over somebody else's change", PRODUCTION, async () => {
  const [id = ''] = await createTasks(api(), [{ title: 'First title', workflow_category: 'General Support' }]);
  const opened = await open(browser, at(id), { expectFailures: /update/ });
  const { page } = opened;
  await page.getByText('Live', { exact: true }).waitFor();
  // Told while it is edited.
  await page.keyboard.press('e');
  await page.getByRole('textbox', { name: 'Title' }).fill('My title');
  await updateTask(api(), id, { title: 'Their title', priority: 'HIGH' });
  await page.getByText('Somebody has changed this meanwhile').waitFor();
  await opened.expectAccessible();
  await page.getByRole('button', { name: 'Go on with mine' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect.poll(async () => (await readTask(api(), id)).title).toBe('My title');
  // Found out by the version, for another field and for the same one.
  const changeFirst = (change: Record<string, unknown>) =>
    page.route(
      '**/api/workflow/update/**',
      async (route) => {
        await updateTask(api(), id, change);
        await route.continue();
      },
      { times: 1 },
    );
  await changeFirst({ tags: ['vip'] });
  await page.getByRole('group', { name: 'Priority' }).getByRole('combobox').selectOption('CRITICAL');
  await expect.poll(async () => readTask(api(), id)).toMatchObject({ priority: 'CRITICAL', tags: ['vip'] });
  await changeFirst({ priority: 'MEDIUM' });
  await page.getByRole('group', { name: 'Priority' }).getByRole('combobox').selectOption('NORMAL');
  await page.getByText('Not saved: somebody else was first').waitFor();
  expect((await readTask(api(), id)).priority).toBe('MEDIUM');
  await page.getByRole('button', { name: 'Use mine' }).click();
  await expect.poll(async () => (await readTask(api(), id)).priority).toBe('NORMAL');
  await opened.close();
});

it('corrects a reading', async () => {
  const opened = await open(browser, at(order));
  const { page } = opened;
  await page.getByText('one pallet of PO').waitFor();
  await page.getByRole('button', { name: 'Correct', exact: true }).last().click();
  const dialog = page.getByRole('dialog', { name: 'Correct what was read' });
  await dialog.getByLabel('Category').selectOption('Returns and RMA');
  await dialog.getByLabel('Customers').fill('Copperline Robotics');
  await opened.expectAccessible();
  await dialog.getByRole('button', { name: 'Correct', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Copperline Robotics, find tasks with it' }).waitFor();
  expect((await readTask(api(), order)).workflow_category).toBe('Returns and RMA');
  opened.expectQuiet();
  await opened.close();
});

it('merges, leads from the merged task to the one that is left, and undoes it', async () => {
  const [left = '', gone = ''] = await createTasks(api(), [
    { title: 'The one that is left', workflow_category: 'General Support' },
    { title: 'The one that ends', workflow_category: 'General Support' },
  ]);
  const response = await fetch(`${api()}/api/workflow/merge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'wait=10' },
    body: JSON.stringify({ into: left, from: [gone] }),
  });
  expect(response.ok).toBe(true);
  const opened = await open(browser, at(gone), { expectFailures: /410|get/ });
  const { page } = opened;
  await opened.expectAccessible();
  await page.getByText('The one that is left').waitFor();
  await page.getByRole('link', { name: 'Open the task that is left' }).click();
  await page.waitForURL(`**/tasks/${left}`);
  await page.getByRole('button', { name: /^Undo the merge by/ }).click();
  await page.getByRole('button', { name: 'Undo the merge', exact: true }).click();
  await page.getByText(/^Undone/).waitFor();
  expect((await readTask(api(), gone)).title).toBe('The one that ends');
  // Deleted by the page, with its question.
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await opened.expectAccessible();
  await page.getByRole('button', { name: 'Delete task' }).click();
  await page.waitForURL('**/tasks');
  await opened.close();
});

it('walks the list one came from', async () => {
  const { page, close } = await open(browser, `${dashboard.url}/tasks`);
  const titles = page.getByRole('grid', { name: 'Tasks' }).locator('[data-row] a');
  await titles.first().waitFor();
  const hrefs = await titles.evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  await titles.nth(1).click();
  await page.waitForURL(`**${hrefs[1]}`);
  await page.getByText(`2 of ${hrefs.length}`).waitFor();
  await page.keyboard.press('k');
  await page.waitForURL(`**${hrefs[0]}`);
  await page.getByText(`1 of ${hrefs.length}`).waitFor();
  await page.keyboard.press('j');
  await page.waitForURL(`**${hrefs[1]}`);
  await close();
});

it('says what is missing and what failed, and tries again', async () => {
  const missing = await open(browser, at('TASK-1-none'), { expectFailures: /./ });
  await missing.page.getByText('This task does not exist').waitFor();
  await missing.expectAccessible();
  await missing.close();

  const opened = await open(browser, `${dashboard.url}/board`, { expectFailures: /./ });
  const { page } = opened;
  let failing = true;
  await page.route('**/api/workflow/get/**', (route) =>
    failing
      ? route.fulfill({ status: 500, contentType: 'application/json', body: JSON.stringify({ title: 'Internal Server Error', status: 500, detail: 'It broke.', instance: 'request-1' }) })
      : route.continue(),
  );
  await page.goto(at(order));
  await page.getByText('The task could not be loaded').waitFor();
  await page.getByText('request-1').waitFor();
  await opened.expectAccessible();
  failing = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('one pallet of PO').waitFor();
  await opened.close();
});

it('a hostile mail runs nothing and asks for nothing', async () => {
  const opened = await open(browser, at(hostile));
  const { page } = opened;
  page.on('dialog', () => expect.fail('a script ran'));
  await page.getByText('Please confirm purchase order EV-9911').first().waitFor();
  expect(await page.getByText('<svg onload=').count()).toBeGreaterThan(0);
  await page.getByRole('link', { name: /onerror/ }).waitFor();
  await page.getByRole('button', { name: 'Original formatting' }).click();
  await page.locator('iframe[sandbox=""]').waitFor();
  await page.waitForTimeout(500);
  expect(await page.evaluate(() => (window as unknown as { ran?: number }).ran)).toBeUndefined();
  expect(await page.locator('main img, main script, main svg[onload]').count()).toBe(0);
  opened.expectQuiet();
  await opened.close();
});
