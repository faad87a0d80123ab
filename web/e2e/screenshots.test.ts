import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, it } from 'vitest';
import { launch, open, type Opened } from './browser.ts';
import { startDashboard, type Dashboard } from './dashboard.ts';
import { total } from './tasks.ts';

/** Pictures of every page with the demo mail, for docs/screenshots: `npm run screenshots -w e2e`. */
let dashboard: Dashboard;
let browser: Browser;
let task = '';

const VIEWS = (['light', 'dark'] as const).flatMap((theme) => [1440, 390].map((width) => ({ theme, width })));
const visitors: Opened[] = [];

const PAGES: Record<string, string> = {
  overview: '/',
  board: '/board',
  tasks: '/tasks',
  task: '/tasks/:id',
  mail: '/mail',
  messages: '/mail/messages',
  quarantine: '/mail/quarantine',
  patterns: '/patterns',
  findings: '/patterns/findings',
  notifications: '/notifications',
  preferences: '/notifications?tab=preferences',
  operations: '/ops',
  jobs: '/ops/jobs',
  job: '/ops/jobs/1',
  errors: '/ops/errors',
  queues: '/ops/queues',
  workers: '/ops/workers',
  schedules: '/ops/schedules',
  database: '/ops/database',
  audit: '/ops/audit',
  policies: '/settings/sla',
  calendars: '/settings/calendars',
  keys: '/settings/keys',
  people: '/settings/people',
  mailboxes: '/settings/mailboxes',
  webhooks: '/settings/webhooks',
  digests: '/settings/notifications',
};

interface List {
  tasks: { task_id: string }[];
}

beforeAll(async () => {
  dashboard = await startDashboard({ WORKFLOW_DEMO: 'true' });
  const list = async (query: string) => (await (await fetch(`${dashboard.url}/api/workflow/list?${query}`)).json()) as List;
  // All mailboxes are in, and what nobody owned was given out.
  for (let before = -1, same = 0; same < 6; ) {
    const now = await total(dashboard.url, 'unassigned=false');
    same = now === before && now > 20 ? same + 1 : 0;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  task = (await list('status=RED&sort=dollar_value&direction=desc&limit=1')).tasks[0]?.task_id ?? '';
  await Promise.all(
    ['metrics-refresh', 'pattern-mining'].map((name) => fetch(`${dashboard.url}/api/schedules/${name}/run`, { method: 'POST' })),
  );
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  await dashboard?.stop();
});

it.each(Object.entries(PAGES))('%s', async (name, path) => {
  const folder = process.env.SCREENSHOTS ?? '';
  await mkdir(folder, { recursive: true });
  for (const [at, { theme, width }] of VIEWS.entries()) {
    const { page, visit, expectQuiet } = (visitors[at] ??= await open(browser, `${dashboard.url}/there-is-nothing`, { theme, width }));
    await visit(dashboard.url + path.replace(':id', task));
    // A browser draws what is new on its second frame.
    await page.waitForTimeout(250);
    await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.jpeg`), type: 'jpeg', quality: 75, animations: 'disabled' });
    expectQuiet();
  }
});
