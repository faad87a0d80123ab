import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectFits, launch, open, settled } from '../browser.ts';
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

const eml = (n: number, name = `order-${n}.eml`) => ({
  name,
  mimeType: 'message/rfc822',
  buffer: Buffer.from(
    `From: Ana Ruiz <ana${n}@customer${n}.example>\r\nTo: orders@example.com\r\nMessage-ID: <m${n}@customer${n}.example>\r\n` +
      `Date: Mon, 30 Nov 2026 10:00:00 +0000\r\nSubject: Purchase order PO-77${n}10 for ${n} switches\r\n\r\nPlease deliver ${n} switches for $1,200.00.\r\n`,
  ),
});
const garbage = (n: number) => ({ name: `broken-${n}.eml`, mimeType: 'message/rfc822', buffer: Buffer.from(`<script>alert(${n})</script> no mail\u202e`) });

it('mail is uploaded by file and by drop, with its progress, and leads to tasks', PRODUCTION, async () => {
  const { page, expectQuiet, expectAccessible, close } = await open(browser, `${dashboard.url}/mail`);
  await page.getByText('No mail yet').waitFor();
  await expectAccessible();
  const mailbox = page.getByRole('combobox', { name: 'Mailbox' });
  await mailbox.fill('orders');
  await page.keyboard.press('Tab');
  await page.getByLabel('Mail files').setInputFiles([...Array.from({ length: 40 }, (_, n) => eml(n)), garbage(1), garbage(2), garbage(3), { name: 'notes.pdf', mimeType: 'application/pdf', buffer: Buffer.from('x') }]);
  await page.getByText('notes.pdf').waitFor();
  await page.getByText(/was not uploaded/).waitFor();
  const uploads = page.getByRole('list', { name: 'Uploads' });
  // While it is worked on there is a bar; in the end its outcomes.
  await uploads.getByRole('progressbar').first().waitFor();
  await uploads.getByText(/3 quarantined/).waitFor({ timeout: 60_000 });
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(['From a@b.example Mon Jan  5 10:00:00 2026\nFrom: a@b.example\nSubject: Quote for 12 licences\n\nPlease quote.\n'], 'old.mbox'));
    document.querySelector('section[aria-label=Upload] > div')!.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  });
  await uploads.getByText('old.mbox').waitFor();
  await uploads.getByText(/1 opened a task/).waitFor({ timeout: 60_000 });
  await expectAccessible();
  const row = page.getByRole('row').filter({ has: page.getByRole('cell', { name: '43', exact: true }) });
  await row.getByRole('link').first().click();
  await page.getByRole('heading', { name: '43 mails to orders' }).waitFor();
  await page.getByText('broken-1.eml').first().waitFor();
  await settled(page);
  await page.getByRole('link', { name: /^TASK-/ }).first().waitFor();
  await page.getByRole('link', { name: 'Quarantined' }).click();
  await page.getByText('3 mails', { exact: true }).waitFor();
  await expectAccessible();
  expectQuiet();
  await close();
});

it('quarantined mail is read as text, replayed with a preview, and dismissed with a reason', async () => {
  const { page, expectQuiet, expectAccessible, close } = await open(browser, `${dashboard.url}/mail/quarantine`, { theme: 'dark' });
  await page.getByRole('button', { name: 'broken-1.eml', exact: true }).click();
  const panel = page.getByRole('dialog', { name: 'broken-1.eml' });
  await panel.getByText('<script>alert(1)</script> no mail\ufffd').waitFor();
  await expectAccessible();
  const [download] = await Promise.all([page.waitForEvent('download'), panel.getByRole('link', { name: 'Download' }).click()]);
  expect(download.suggestedFilename()).toMatch(/\.eml$/);
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'hidden' });
  expect(page.url()).not.toContain('mail=');

  // By keyboard alone: choose two, see what would be done, do it.
  await page.getByRole('checkbox', { name: 'Choose broken-1.eml' }).press('Space');
  await page.getByRole('checkbox', { name: 'Choose broken-2.eml' }).press('Space');
  await page.getByRole('button', { name: 'Replay 2' }).press('Enter');
  const preview = page.getByRole('dialog', { name: 'Replay mail' });
  await preview.getByText(/2 mails will be put back/).waitFor();
  await expectAccessible();
  await preview.getByRole('button', { name: 'Replay 2 mails' }).press('Enter');
  await page.getByRole('list', { name: 'Uploads' }).getByRole('paragraph').filter({ hasText: 'Replay of 2 mails' }).waitFor();
  // They are no mail now either, so they come back.
  await page.getByRole('list', { name: 'Uploads' }).getByText(/3 quarantined/).waitFor({ timeout: 60_000 });
  await page.getByRole('checkbox', { name: 'Choose broken-3.eml' }).press('Space');
  await page.getByRole('button', { name: 'Dismiss', exact: true }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Dismiss 1 mail' });
  await dialog.getByLabel('Reason').fill('A test of ours');
  await dialog.getByRole('button', { name: 'Dismiss 1 mail' }).press('Enter');
  await page.getByRole('button', { name: 'broken-3.eml', exact: true }).waitFor({ state: 'hidden' });
  await page.goto(`${dashboard.url}/mail/messages?outcome=noise`);
  await page.getByText('A test of ours').waitFor();
  await expectAccessible();
  expectQuiet();
  await close();
});

it('lists say when nothing matches and when they cannot be loaded, also on a phone', async () => {
  const { page, expectAccessible, close } = await open(browser, `${dashboard.url}/mail/messages?q=nothing-like-this`, { width: 390, expectFailures: /emails|batches|patterns|422/ });
  await page.getByText('No mail matches').waitFor();
  await expectAccessible();
  await page.getByRole('button', { name: 'Clear the filters' }).click();
  await page.getByRole('row').nth(1).waitFor();
  await expectFits(page);
  await page.route('**/api/workflow/{emails,batches,patterns}?*', (route) =>
    route.fulfill({ status: 422, contentType: 'application/problem+json', body: JSON.stringify({ title: 'Broken', detail: 'It broke.', status: 422, instance: 'req-7' }) }),
  );
  for (const [path, said] of [['/mail/messages?outcome=created', 'The mails could not be loaded'], ['/mail', 'The batches could not be loaded'], ['/patterns', 'The patterns could not be loaded']] as const) {
    await page.goto(dashboard.url + path);
    await page.getByText(said).waitFor();
    await page.getByText('req-7').first().waitFor();
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    await expectFits(page);
  }
  await expectAccessible();
  await close();
});

it('a finding is dismissed with a reason', async () => {
  const order = (po: string, customer: string) => ({ title: `Order ${po}`, workflow_category: 'Order Management', dollar_value: 10, entities: { po_numbers: [po], customers: [customer] } });
  await createTasks(dashboard.server.url, [order('45-1', 'Nordlicht GmbH'), order('451', 'nordlicht gmbh')]);
  const mining = await fetch(`${dashboard.server.url}/api/schedules/pattern-mining/run`, { method: 'POST' });
  expect(mining.ok).toBe(true);
  const findings = async () => ((await (await fetch(`${dashboard.server.url}/api/workflow/findings`)).json()) as { findings: unknown[] }).findings.length;
  await expect.poll(findings, { timeout: 60_000 }).toBeGreaterThan(0);
  const { page, expectQuiet, expectAccessible, close } = await open(browser, `${dashboard.url}/patterns?category=Account+Changes`);
  await page.getByText('No pattern matches').waitFor();
  await page.goto(`${dashboard.url}/patterns/findings`);
  const finding = page.getByRole('article').filter({ hasText: 'Duplicate order' });
  await finding.getByRole('link', { name: 'Order 45-1' }).waitFor();
  await finding.getByRole('link', { name: 'Order 451' }).waitFor();
  await expectAccessible();
  await finding.getByRole('button', { name: /^Dismiss/ }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Dismiss this finding' });
  await dialog.getByLabel('Reason').fill('Two sites');
  await dialog.getByRole('button', { name: 'Dismiss the finding' }).press('Enter');
  await page.getByText('Nothing found').waitFor();
  await page.getByLabel('State').selectOption('dismissed');
  await page.getByText(/Two sites/).waitFor();
  await expectAccessible();
  expectQuiet();
  await close();
});

it('patterns are sorted, and opened with the mails they were found in', async () => {
  const { page, visit, expectQuiet, expectAccessible, close } = await open(browser, `${dashboard.url}/patterns`);
  const table = page.getByRole('table', { name: 'Patterns' });
  await table.getByRole('row').nth(1).waitFor();
  await page.getByRole('columnheader', { name: 'Value' }).getByRole('button').press('Enter');
  await page.waitForURL('**/patterns?sort=total_value&direction=desc');
  await table.locator('tbody').getByRole('button').first().press('Enter');
  const panel = page.getByRole('dialog', { name: 'Pattern' });
  await panel.getByText(/times as often in this category/).waitFor();
  await panel.getByRole('link', { name: /Purchase order PO-77/ }).first().waitFor();
  await expectAccessible();
  // The address restores it.
  await visit(page.url());
  await panel.getByRole('link', { name: /Purchase order PO-77/ }).first().click();
  await page.waitForURL('**/mail/messages?mail=*');
  await page.getByRole('dialog', { name: /Purchase order PO-77/ }).waitFor();
  expectQuiet();
  await close();
});
