import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connected, launch, open } from '../browser.ts';
import { PRODUCTION, startDashboard, type Dashboard } from '../dashboard.ts';

/** For what happens by itself, on a machine with other things to do. */
const SOON = { timeout: 20_000 };

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

async function api<T = unknown>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const response = await fetch(dashboard.server.url + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

interface Listed {
  jobs: { id: string; state: string }[];
}
const jobs = async (query: string) => (await api<Listed>('GET', `/api/jobs?${query}`)).jobs;

/** Makes tasks that are accepted and not waited for. */
async function accept(count: number, title: string): Promise<void> {
  for (let at = 0; at < count; at++) {
    await api('POST', '/api/workflow/create', { title: `${title} ${at}`, workflow_category: 'General Support' }, { prefer: 'respond-async' });
  }
}

/** Jobs that fail for good: messages of a webhook that was disabled before its queue went on. */
async function discard(count: number): Promise<void> {
  await api('POST', '/api/queues/outbox/pause', {});
  const { webhook } = await api<{ webhook: { id: string } }>('POST', '/api/webhooks', { url: 'https://receiver.invalid/hook', events: ['workflow:task:created'] });
  for (let at = 0; at < count; at++) await api('POST', '/api/workflow/create', { title: `Told ${at}`, workflow_category: 'General Support' });
  await expect.poll(async () => (await jobs('kind=deliver-webhook')).length, SOON).toBe(count);
  await api('POST', `/api/webhooks/${webhook.id}/disable`, {});
  await api('POST', '/api/queues/outbox/resume', {});
  await expect.poll(async () => (await jobs('state=discarded')).length, SOON).toBe(count);
}

/** Presses Tab until the element has the focus. */
async function tabTo(page: Page, name: string | RegExp, role: 'button' | 'link' = 'button'): Promise<void> {
  const wanted = page.getByRole(role, { name }).first();
  for (let at = 0; at < 120; at++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not come to ${String(name)}`);
}

it('pauses a queue with a reason, says so everywhere, and resumes it', async () => {
  const { page, expectAccessible, expectQuiet, close } = await open(browser, `${dashboard.url}/ops/queues`);
  await page.getByRole('button', { name: 'Pause mutations' }).click();
  const dialog = page.getByRole('dialog', { name: 'Pause mutations?' });
  await dialog.getByRole('textbox', { name: /^Reason/ }).fill('Deadlocks, being looked at');
  await expectAccessible();
  await dialog.getByRole('button', { name: 'Pause mutations' }).click();
  await page.getByText('“Deadlocks, being looked at”').waitFor();
  await accept(2, 'Waits');
  await page.getByText('Paused, 2 jobs waiting').waitFor();

  const [waiting] = await jobs('state=available');
  await page.goto(`${dashboard.url}/ops/jobs/${waiting?.id}`);
  await page.getByText('Not running: the queue is paused by').waitFor();
  await expectAccessible();
  await page.getByRole('link', { name: 'Go to the queue mutations' }).click();
  await page.getByRole('button', { name: 'Resume mutations' }).click();
  await page.getByText('mutations was resumed').waitFor();
  await expect.poll(async () => (await jobs('state=available')).length, SOON).toBe(0);

  await page.goto(`${dashboard.url}/ops/audit?action=queue.pause`);
  await page.getByText('“Deadlocks, being looked at”').waitFor();
  expectQuiet();
  await close();
});

it('cancels jobs that were chosen, then retries all that were cancelled, with a preview', PRODUCTION, async () => {
  await api('POST', '/api/queues/mutations/pause', {});
  await accept(3, 'Cancelled');
  const { page, expectAccessible, expectQuiet, close } = await open(browser, `${dashboard.url}/ops/jobs?state=available`);
  await page.getByRole('checkbox', { name: 'Choose all that are shown' }).check();
  await page.getByRole('group', { name: 'Chosen jobs' }).getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Cancels 3 jobs that you have chosen.').waitFor();
  await page.getByRole('button', { name: 'Cancel 3 jobs' }).click();
  await page.getByText('3 jobs cancelled.').waitFor();
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  await api('POST', '/api/queues/mutations/resume', {});

  await page.getByRole('link', { name: /^Cancelled/ }).click();
  await page.getByText('3 jobs, newest first').waitFor();
  await page.getByRole('button', { name: 'Do to all that match' }).click();
  await page.getByRole('menuitem', { name: 'Retry 3 jobs…' }).click();
  const preview = page.getByRole('dialog', { name: 'Retry 3 jobs?' });
  await expect.poll(() => preview.getByRole('listitem').count()).toBe(3);
  await preview.getByRole('textbox', { name: /^Reason/ }).fill('By mistake');
  await expectAccessible();
  await preview.getByRole('button', { name: 'Retry 3 jobs' }).click();
  await page.getByText('3 jobs retried.').waitFor();
  await expectAccessible();
  await page.getByRole('link', { name: /^Job \d+$/ }).click();
  await page.getByRole('heading', { name: 'What became of each' }).waitFor();
  expect(await jobs('state=cancelled')).toEqual([]);
  expectQuiet();
  await close();
});

it('groups what failed for good by error, and retries all of one error', async () => {
  await discard(3);
  const { page, expectAccessible, expectQuiet, close } = await open(browser, `${dashboard.url}/ops`);
  await page.getByText('3 jobs failed for good').waitFor();
  await page.getByRole('link', { name: 'By error' }).click();
  await page.getByRole('heading', { name: /disabled/ }).waitFor();
  await expectAccessible();
  await page.getByRole('link', { name: /^Newest: job/ }).click();
  await page.getByText('Attempt 1 failed').waitFor();
  await page.goBack();
  await page.getByRole('button', { name: /^Retry all of this error/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Retry 3 jobs' }).click();
  await page.getByText('3 jobs retried.').waitFor();
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  expectQuiet();
  await close();
});

it('shows changes of jobs as they happen, until somebody pauses that', async () => {
  const { page, expectQuiet, close } = await open(browser, `${dashboard.url}/ops/jobs?kind=create-task`);
  await connected(page);
  const before = await page.getByRole('row').count();
  await accept(1, 'Seen');
  await expect.poll(() => page.getByRole('row').count(), SOON).toBe(before + 1);
  await page.getByRole('button', { name: 'Pause updates' }).click();
  await accept(1, 'Not seen');
  // Longer than rows need to appear otherwise.
  await page.waitForTimeout(2000);
  expect(await page.getByRole('row').count()).toBe(before + 1);
  await page.keyboard.press('p');
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect.poll(() => page.getByRole('row').count(), SOON).toBe(before + 2);
  expectQuiet();
  await close();
});

it('runs and pauses a schedule, and edits it, by keyboard alone', async () => {
  const { page, expectAccessible, expectQuiet, close } = await open(browser, `${dashboard.url}/ops/schedules`);
  await tabTo(page, 'Run sla-sweep now');
  await page.keyboard.press('Enter');
  await page.getByText('sla-sweep made a job').waitFor();
  await expect.poll(async () => (await jobs('kind=sweep-sla&state=completed')).length, SOON).toBeGreaterThan(0);
  await tabTo(page, 'More for sla-sweep');
  await page.keyboard.press('Enter');
  await page.keyboard.press('e');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Cron expression' }).focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('*/20 * * * *');
  await page.getByText('Every 20 minutes').waitFor();
  await expectAccessible();
  await page.keyboard.press('Enter');
  await page.getByText('sla-sweep was changed').waitFor();
  await tabTo(page, 'More for sla-sweep');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Pause sla-sweep?' }).waitFor();
  await tabTo(page, 'Pause schedule');
  await page.keyboard.press('Enter');
  await page.getByText('sla-sweep is paused').waitFor();
  expectQuiet();
  await close();
});


it('says when a filter finds nothing, a job is gone, or the server fails', async () => {
  const { page, expectAccessible, close } = await open(browser, `${dashboard.url}/ops/jobs?q=nothing-has-this&queue=email`, { expectFailures: /./ });
  await page.getByText('No job matches').waitFor();
  await expectAccessible();
  await page.getByRole('button', { name: 'Clear the filters' }).click();
  await page.getByRole('table').waitFor();
  await page.goto(`${dashboard.url}/ops/jobs/999999`);
  await page.getByText('There is no job 999999').waitFor();
  await page.route('**/api/queues', (route) =>
    route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify({ title: 'Internal Server Error', status: 500, detail: 'It broke.', instance: 'request-1' }) }),
  );
  await page.goto(`${dashboard.url}/ops/queues`);
  await page.getByText('The queues could not be loaded').waitFor({ timeout: 20_000 });
  await page.getByText('request-1').waitFor();
  await expectAccessible();
  // The page also asks again by itself, so the button is pressed while it still fails.
  await Promise.all([page.waitForRequest('**/api/queues'), page.getByRole('button', { name: 'Try again' }).click()]);
  await page.unroute('**/api/queues');
  await page.getByRole('table').waitFor();
  await close();
});

it('shows how the queues fared, as far back as is asked for, in charts and tables', async () => {
  // What the stories before have done is kept as soon as its minute is over.
  interface Kept {
    points: { completed: number; wait_ms: { p50: number | null } }[];
  }
  const completed = async () => (await api<Kept>('GET', '/api/queues/history?queue=mutations')).points.reduce((sum, point) => sum + point.completed, 0);
  await accept(2, 'Counted');
  await expect.poll(completed, { timeout: 90_000, interval: 1000 }).toBeGreaterThanOrEqual(2);

  const { page, expectAccessible, expectQuiet, close } = await open(browser, `${dashboard.url}/ops?queue=mutations&range=6h`);
  const history = page.locator('section', { has: page.getByRole('heading', { name: 'History' }) });
  await history.getByText('The queue mutations, the last 6 hours: a point every minute, and now.').waitFor();
  expect(await history.getByRole('img', { name: /The same figures are in the table/ }).count()).toBe(6);
  await expectAccessible();

  await history.getByRole('button', { name: 'Show as a table' }).last().click();
  const table = history.getByRole('table', { name: 'Jobs completed and attempts failed in a minute' });
  const counts = await table.getByRole('row').evaluateAll((rows) => rows.map((row) => Number(row.querySelector('td')?.textContent)));
  expect(counts.slice(0, -1).filter((count) => count > 0).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(2);
  await table.getByRole('rowheader', { name: 'Now' }).waitFor();
  await expectAccessible();

  await history.getByRole('radio', { name: '24 h' }).check();
  await expect.poll(() => page.url()).toContain('range=24h');
  await history.getByRole('combobox', { name: 'Queue of the charts' }).selectOption('');
  await history.getByText('All queues together, the last 24 hours: a point every 5 minutes, and now.').waitFor();
  expect(new URL(page.url()).search).toBe('?range=24h');
  await page.reload();
  await history.getByRole('radio', { name: '24 h', checked: true }).waitFor();
  expectQuiet();
  await close();
});

it('says when the history is empty or cannot be read', async () => {
  const { page, expectAccessible, close } = await open(browser, `${dashboard.url}/ops`, { expectFailures: /queues\/history/ });
  const answer = { body: JSON.stringify({ title: 'Internal Server Error', status: 500, detail: 'It broke.', instance: 'request-7' }), status: 500 };
  await page.route('**/api/queues/history*', (route) => route.fulfill({ ...answer, contentType: answer.status === 500 ? 'application/problem+json' : 'application/json' }));
  await page.goto(`${dashboard.url}/ops?range=7d`);
  await page.getByText('The history could not be loaded').waitFor();
  await page.getByText('request-7').waitFor();
  await expectAccessible();
  Object.assign(answer, { status: 200, body: JSON.stringify({ queue: null, step_seconds: 1800, points: [] }) });
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Nothing is known of the last 7 days').waitFor();
  await expectAccessible();
  await close();
});
