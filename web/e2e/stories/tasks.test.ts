import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, open, settled } from '../browser.ts';
import { createTasks, startDashboard, type Dashboard } from '../dashboard.ts';
import { importTasks, total, updateTask } from '../tasks.ts';

let dashboard: Dashboard;
let browser: Browser;

beforeAll(async () => {
  dashboard = await startDashboard();
  await importTasks(dashboard.server.url, 400);
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  await dashboard?.stop();
});

const grid = (page: Page) => page.getByRole('grid', { name: 'Tasks' });
const row = (page: Page, title: string) => grid(page).getByRole('row').filter({ has: page.getByRole('link', { name: title, exact: true }) });
const search = (page: Page) => new URL(page.url()).search;
const list = async (query: string): Promise<Record<string, unknown>[]> =>
  ((await (await fetch(`${dashboard.server.url}/api/workflow/list?${query}`)).json()) as { tasks: Record<string, unknown>[] }).tasks;

it('filters stand in the address, and come back with the place after a task was opened', async () => {
  const { page, expectQuiet, expectAccessible, close } = await open(browser, `${dashboard.url}/tasks?status=RED`);
  await page.getByText('134 tasks', { exact: true }).first().waitFor();
  expect(await grid(page).getAttribute('aria-rowcount')).toBe('135');
  await page.getByRole('button', { name: 'Priority', exact: true }).first().click();
  await page.getByRole('checkbox', { name: 'Critical' }).check();
  await page.keyboard.press('Escape');
  await page.waitForURL('**/tasks?status=RED&priority=CRITICAL');
  await page.getByText('34 tasks', { exact: true }).first().waitFor();
  await expectAccessible();
  await page.getByRole('button', { name: 'Remove the filter Status: Red' }).click();
  await page.waitForURL('**/tasks?priority=CRITICAL');
  await page.getByText('100 tasks', { exact: true }).first().waitFor();

  await grid(page).evaluate((element) => element.scrollTo(0, 1500));
  await row(page, 'Row 152').waitFor();
  await row(page, 'Row 152').getByRole('link').click();
  await page.waitForURL('**/tasks/TASK-*');
  await page.goBack();
  await row(page, 'Row 152').waitFor();
  expect(search(page)).toBe('?priority=CRITICAL');
  expect(await grid(page).evaluate((element) => element.scrollTop)).toBe(1500);

  await page.keyboard.press('/');
  await page.keyboard.type('row 152');
  await page.waitForURL('**/tasks?priority=CRITICAL&q=row+152');
  await page.getByText('1 task', { exact: true }).first().waitFor();
  await page.getByRole('button', { name: 'Clear all' }).click();
  await page.getByText('400 tasks', { exact: true }).first().waitFor();
  expect(search(page)).toBe('');
  expectQuiet();
  await close();
});

it('is for everybody in dark, and in forced colours', async () => {
  const { page, expectAccessible, expectQuiet, close } = await open(browser, `${dashboard.url}/tasks`, { theme: 'dark' });
  await row(page, 'Row 0').waitFor();
  await expectAccessible();
  await page.emulateMedia({ forcedColors: 'active' });
  await expectAccessible();
  expectQuiet();
  await close();
});

it('links of the figures lead to exactly their tasks', async () => {
  const soon = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  await createTasks(dashboard.server.url, [
    { title: 'Due soon', workflow_category: 'General Support', sla_deadline: soon(6) },
    { title: 'Due before', workflow_category: 'General Support', sla_deadline: soon(-1) },
    { title: 'Done in time', workflow_category: 'General Support', sla_deadline: soon(6), task_status: 'COMPLETED' },
  ]);
  const { links } = (await (await fetch(`${dashboard.server.url}/api/workflow/metrics?links=true`)).json()) as { links: { executive: Record<string, string> } };
  const { page, expectQuiet, close } = await open(browser, `${dashboard.url}/tasks`);
  for (const figure of ['red_tasks', 'sla_warning_24h', 'sla_violations', 'tasks_last_24h', 'sla_met_percentage']) {
    const query = links.executive[figure]!.split('?')[1] ?? '';
    const there = await total(dashboard.server.url, query);
    await page.goto(`${dashboard.url}/tasks?${query}`);
    await settled(page);
    if (there === 0) await page.getByText('No task matches').waitFor();
    else await page.locator('h1', { hasText: `${there} task` }).waitFor();
  }
  await page.goto(`${dashboard.url}/tasks?sort=dollar_value&direction=desc&limit=1`);
  await page.locator('h1', { hasText: '1 task' }).waitFor();
  expect(await grid(page).getAttribute('aria-rowcount')).toBe('2');
  expectQuiet();
  await close();
});

it('sorts on the server', async () => {
  const { page, expectQuiet, close } = await open(browser, `${dashboard.url}/tasks`);
  await page.getByRole('columnheader', { name: 'Value' }).getByRole('button').click();
  await page.waitForURL('**/tasks?sort=dollar_value&direction=desc');
  const [largest] = await list('sort=dollar_value&direction=desc&limit=1');
  await grid(page).locator('[data-row="0"]', { hasText: String(largest!.title) }).waitFor();
  expect(await page.getByRole('columnheader', { name: 'Value' }).getAttribute('aria-sort')).toBe('descending');
  await page.getByRole('columnheader', { name: 'Deadline' }).getByRole('button').click();
  await page.waitForURL('**/tasks?sort=sla_deadline&direction=asc');
  const [soonest] = await list('sort=sla_deadline&direction=asc&limit=1');
  await grid(page).locator('[data-row="0"]', { hasText: String(soonest!.title) }).waitFor();
  expectQuiet();
  await close();
});

it('changes a cell by keyboard alone, and says when somebody was faster', async () => {
  const { page, expectAccessible, close } = await open(browser, `${dashboard.url}/tasks?q=row+7`, { expectFailures: /update/ });
  await row(page, 'Row 7').getByRole('gridcell').nth(1).focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Yellow');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Status of Row 7' }).waitFor();
  await expectAccessible();
  await page.keyboard.type('green');
  await page.keyboard.press('Enter');
  await row(page, 'Row 7').getByText('Green').waitFor();
  await expect.poll(async () => (await list('q=row+7')).find(({ title }) => title === 'Row 7')?.task_status).toBe('GREEN');
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Green');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('gridcell');

  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Priority of Row 7' });
  await dialog.waitFor();
  const id = String((await list('q=row+7')).find(({ title }) => title === 'Row 7')!.task_id);
  await updateTask(dashboard, id, { priority: 'CRITICAL' });
  await dialog.getByRole('option', { name: 'Medium' }).click();
  await page.getByText('Somebody changed this task first').waitFor();
  await row(page, 'Row 7').getByText('Critical').waitFor();
  await page.getByRole('button', { name: 'Set to Medium' }).click();
  await row(page, 'Row 7').getByText('Medium').waitFor();
  await expect.poll(async () => (await list('q=row+7')).find(({ title }) => title === 'Row 7')?.priority).toBe('MEDIUM');
  await close();
});

it('changes many at once after a preview, and takes it back', async () => {
  const { page, expectQuiet, expectAccessible, close } = await open(browser, `${dashboard.url}/tasks?owner=Ben+Okafor`);
  await grid(page).locator('[data-row="0"] > [data-column="1"]').focus();
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await page.getByText('3 tasks selected').waitFor();
  await expectAccessible();
  await page.getByRole('button', { name: 'Change…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change many tasks' });
  await dialog.getByLabel('Change', { exact: true }).selectOption({ label: 'Owner' });
  await dialog.getByLabel('To', { exact: true }).fill('Chen Wei');
  await dialog.getByLabel('To', { exact: true }).press('Tab');
  await dialog.getByText('3 tasks match').waitFor();
  await dialog.getByText('Chen Wei').first().waitFor();
  await expectAccessible();
  await dialog.getByRole('button', { name: 'Change 3 tasks' }).click();
  await page.getByText('3 tasks changed').waitFor({ timeout: 30_000 });
  expect(await total(dashboard.server.url, 'owner=Chen+Wei')).toBe(3);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('3 tasks put back').waitFor({ timeout: 30_000 });
  expect(await total(dashboard.server.url, 'owner=Chen+Wei')).toBe(0);

  await page.getByRole('checkbox', { name: 'Select all tasks of this list' }).click();
  await page.getByText('All 133 tasks selected').waitFor();
  await page.getByRole('button', { name: 'Change…' }).click();
  await dialog.getByText('133 tasks match').waitFor();
  await page.keyboard.press('Escape');
  expectQuiet();
  await close();
});

it('creates a task, and says at each field what is wrong', async () => {
  const { page, expectAccessible, close } = await open(browser, `${dashboard.url}/tasks`, { expectFailures: /create/ });
  await page.keyboard.press('n');
  const dialog = page.getByRole('dialog', { name: 'New task' });
  await dialog.getByRole('button', { name: 'Create task' }).click();
  await dialog.locator('[aria-invalid]').first().waitFor();
  expect(await dialog.getByLabel('Title').getAttribute('aria-invalid')).toBe('true');
  await expectAccessible();
  await dialog.getByLabel('Title').fill('Forty access points');
  await dialog.getByLabel('Value in dollars').fill('61,240');
  await dialog.getByRole('button', { name: 'Create task' }).click();
  await row(page, 'Forty access points').waitFor();
  await row(page, 'Forty access points').getByText('$61,240.00').waitFor();
  await close();
});

it('keeps views of one’s own', async () => {
  const { page, expectQuiet, close } = await open(browser, `${dashboard.url}/tasks?category=Returns+and+RMA`);
  const views = page.getByRole('navigation', { name: 'Views' });
  await page.getByRole('button', { name: 'Save view' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Returns');
  await page.keyboard.press('Enter');
  await views.getByRole('link', { name: 'Returns', exact: true }).waitFor();
  await views.getByRole('link', { name: 'Breaching next' }).click();
  await page.waitForURL('**/tasks?open=true&has_deadline=true&sort=sla_deadline&direction=asc');
  await views.getByRole('link', { name: 'Needs review' }).click();
  await page.waitForURL('**/tasks?tag=review');
  await page.getByText('40 tasks', { exact: true }).first().waitFor();
  await views.getByRole('link', { name: 'Returns', exact: true }).click();
  await page.getByRole('button', { name: 'View options' }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByLabel('Name', { exact: true }).fill('RMA');
  await page.keyboard.press('Enter');
  await page.reload();
  await views.getByRole('link', { name: 'RMA', exact: true }).waitFor();
  await page.getByRole('button', { name: 'View options' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete the view' }).click();
  await views.getByRole('link', { name: 'RMA', exact: true }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Mine…' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Ana Ruiz');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.waitForURL('**/tasks?owner=Ana+Ruiz&open=true');
  expectQuiet();
  await close();
});

it('changes rows where they are, and says what is new instead of moving what is read', async () => {
  const { page, expectQuiet, close } = await open(browser, `${dashboard.url}/tasks`);
  await grid(page).evaluate((element) => element.scrollTo(0, 3000));
  await row(page, 'Row 70').waitFor();
  const [task] = await list('q=row+70');
  await updateTask(dashboard, String(task!.task_id), { current_owner: 'Dana Fox' });
  await row(page, 'Row 70').getByText('Dana Fox').waitFor();
  await createTasks(dashboard.server.url, [{ title: 'Brand new', workflow_category: 'General Support' }]);
  const pill = page.getByRole('button', { name: '1 new' });
  await pill.waitFor();
  expect(await grid(page).evaluate((element) => element.scrollTop)).toBe(3000);
  await pill.click();
  await grid(page).evaluate((element) => element.scrollTo(0, 0));
  await row(page, 'Brand new').waitFor();
  expectQuiet();
  await close();
});
