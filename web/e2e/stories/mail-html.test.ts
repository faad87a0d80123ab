import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, settled } from '../browser.ts';
import { startDashboard, type Dashboard } from '../dashboard.ts';

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

/** The mails of a batch, once it has been read. */
async function upload(emails: readonly Record<string, unknown>[]): Promise<string[]> {
  const api = `${dashboard.server.url}/api/workflow`;
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ mailbox: 'orders', emails });
  const sent = await fetch(`${api}/batches`, { method: 'POST', headers, body });
  const { batch_id: batch } = (await sent.json()) as { batch_id: string };
  for (;;) {
    const { state } = (await (await fetch(`${api}/batches/${batch}`)).json()) as { state: string };
    if (state === 'completed') break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const list = await fetch(`${api}/emails?limit=500&batch_id=${batch}`);
  return ((await list.json()) as { emails: { id: string }[] }).emails.map(({ id }) => id);
}

it('hostile mail runs nothing and asks for nothing, in a frame of the dashboard or alone', async () => {
  const file = new URL('../../../mail/src/document/hostile.json', import.meta.url);
  const samples = JSON.parse(await readFile(file, 'utf8')) as string[];
  expect(samples.length).toBeGreaterThanOrEqual(120);
  const ids = await upload(samples.map((html, n) => ({ from: `a${n}@x.example`, subject: `Sample ${n}`, html })));
  expect(ids.length).toBe(samples.length);

  const context = await browser.newContext();
  const happened: string[] = [];
  context.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== dashboard.url && protocol !== 'data:') happened.push(`asked for ${request.url()}`);
  });
  // A browser says so when the sandbox stops a script, and when the policy stops anything: there is to be nothing to stop.
  context.on('console', (message) => {
    if (message.type() === 'error') happened.push(message.text());
  });
  context.on('dialog', (dialog) => {
    happened.push(`ran a script: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const page = await context.newPage();
  await page.goto(dashboard.url);
  await settled(page);
  context.on('page', (opened) => happened.push(`opened ${opened.url()}`));
  const paths = ids.map((id) => `/api/workflow/emails/${id}/html`);
  await Promise.all(
    paths.map(async (path) => {
      const { status, headers } = await fetch(dashboard.url + path);
      expect(status, path).toBe(200);
      expect(headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none';/);
    }),
  );
  await page.evaluate(async (sources) => {
    const frames = sources.map((source) => {
      const frame = document.createElement('iframe');
      frame.sandbox.value = '';
      frame.src = source;
      const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
      document.body.append(frame);
      return loaded;
    });
    await Promise.all(frames);
  }, paths);
  expect(happened).toEqual([]);
  await page.close();
  const alone = await Promise.all(Array.from({ length: 4 }, () => context.newPage()));
  happened.length = 0;
  // Each page takes what is left.
  const left = [...paths];
  await Promise.all(
    alone.map(async (one) => {
      for (let path = left.pop(); path !== undefined; path = left.pop()) await one.goto(dashboard.url + path);
    }),
  );
  expect(happened).toEqual([]);
  await context.close();
}, 600_000);

it('the page may hold a socket to its own server and to no other', async () => {
  const page = await browser.newPage();
  await page.goto(dashboard.url);
  const refused = await page.evaluate(async () => {
    const policy = new Promise<string>((resolve) =>
      addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective)),
    );
    const own = new WebSocket(`ws://${location.host}/ws`);
    await new Promise((resolve, reject) => {
      own.addEventListener('open', resolve);
      own.addEventListener('error', reject);
    });
    own.close();
    new WebSocket('ws://127.0.0.1:9/ws');
    return policy;
  });
  expect(refused).toBe('connect-src');
  await page.close();
});
