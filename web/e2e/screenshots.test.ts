import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, it } from 'vitest';
import { Server } from '../testing/server.ts';
import { launch, open } from './browser.ts';

/** Pictures of every page with the demo mail, for docs/screenshots: `npm run screenshots -w e2e`. */
let server: Server;
let browser: Browser;
let task = '';

const PAGES: Record<string, string> = {
  overview: '/',
  board: '/board',
  tasks: '/tasks',
  task: '/tasks/:id',
  mail: '/mail',
  quarantine: '/mail/quarantine',
  patterns: '/patterns',
  notifications: '/notifications',
  operations: '/ops',
  jobs: '/ops/jobs',
  queues: '/ops/queues',
  schedules: '/ops/schedules',
  database: '/ops/database',
  policies: '/settings/sla',
  people: '/settings/people',
  mailboxes: '/settings/mailboxes',
};

interface List {
  total: number;
  tasks: { task_id: string }[];
}

beforeAll(async () => {
  server = await Server.start('up', { WORKFLOW_DEMO: 'true' });
  const list = async (query: string) => (await (await fetch(`${server.url}/api/workflow/list?${query}`)).json()) as List;
  // All mailboxes are in, and what nobody owned was given out.
  while ((await list('limit=1&unassigned=false')).total < 50) await new Promise((resolve) => setTimeout(resolve, 500));
  task = (await list('status=RED&sort=dollar_value&direction=desc&limit=1')).tasks[0]?.task_id ?? '';
  await Promise.all(
    ['metrics-refresh', 'pattern-mining'].map((name) => fetch(`${server.url}/api/schedules/${name}/run`, { method: 'POST' })),
  );
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

it.each(Object.entries(PAGES))('%s', async (name, path) => {
  const folder = process.env.SCREENSHOTS ?? '';
  await mkdir(folder, { recursive: true });
  for (const theme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      const { page, close } = await open(browser, server.url + path.replace(':id', task), { theme, width });
      await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.jpeg`), type: 'jpeg', quality: 82, animations: 'disabled' });
      await close();
    }
  }
});
