import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectFits, launch, open, type Opened } from '../browser.ts';
import { startDashboard, type Dashboard } from '../dashboard.ts';

let dashboard: Dashboard;
let browser: Browser;
let visitor: Opened | undefined;

beforeAll(async () => {
  dashboard = await startDashboard();
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  await dashboard?.stop();
});

const PAGES = {
  '/': 'No tasks yet',
  '/board': 'No tasks yet',
  '/tasks': 'No tasks yet',
  '/mail': 'No mail yet',
  '/mail/messages': 'No mail yet',
  '/mail/quarantine': 'Nothing in quarantine',
  '/patterns': 'No patterns yet',
  '/patterns/findings': 'Nothing found',
  '/notifications': 'Nothing to report',
  '/ops/errors': 'No discarded jobs',
  '/settings/people': 'No people yet',
  '/settings/webhooks': 'No webhooks yet',
};

it.each(Object.entries(PAGES))('%s says that there is nothing yet, in dark, for everybody', async (route, said) => {
  visitor ??= await open(browser, `${dashboard.url}/there-is-nothing`, { theme: 'dark' });
  const { page, visit, expectAccessible, expectQuiet } = visitor;
  await visit(dashboard.url + route);
  await page.locator('main').getByText(said).first().waitFor();
  await expectFits(page);
  await expectAccessible();
  expectQuiet();
  expect(await page.locator('main [role=alert]').count()).toBe(0);
});
