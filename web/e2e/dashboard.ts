import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Server } from '../testing/server.ts';
import { startProduction } from './production.ts';

/** Options of the stories that are told on the production form as well: what several processes could break. */
export const PRODUCTION = { tags: 'production' };

/** The product with the pages in front of it, on data of its own. */
export interface Dashboard {
  /** Where the pages are. */
  url: string;
  /** The product's API, which a story can kill and start again. */
  server: Server;
  /** A second API with the same pages, where there are several processes; otherwise the same. */
  peer: string;
  stop: () => Promise<void>;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (child.exitCode !== null) throw new Error(`the pages' server ended with ${child.exitCode}`);
    if (await fetch(url).then(({ ok }) => ok, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the pages are not served');
}

/**
 * Starts it. WORKFLOW_BIN names the binary; with WORKFLOW_DASHBOARD=binary its own pages are shown, otherwise those in
 * web/dist; `settings` are more variables of it. With WORKFLOW_E2E_DATABASE_URL it is several processes on PostgreSQL and
 * Redis, with the binary's pages.
 */
export async function startDashboard(settings: Readonly<Record<string, string>> = {}): Promise<Dashboard> {
  const database = process.env.WORKFLOW_E2E_DATABASE_URL;
  if (database) return startProduction(database, settings);
  const server = await Server.start('up', settings);
  if (process.env.WORKFLOW_DASHBOARD === 'binary') return { url: server.url, peer: server.url, server, stop: () => server.stop() };
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const app = fileURLToPath(new URL('../app', import.meta.url));
  const vite = fileURLToPath(new URL('../node_modules/vite/bin/vite.js', import.meta.url));
  const pages = spawn(process.execPath, [vite, 'preview'], {
    cwd: app,
    env: { ...process.env, WORKFLOW_URL: server.url, PORT: String(port) },
    // Its proxy reports every page that is closed.
    stdio: 'ignore',
  });
  const stop = async () => {
    pages.kill();
    await server.stop();
  };
  try {
    await answers(url, pages);
  } catch (cause) {
    await stop();
    throw cause;
  }
  return { url, peer: url, server, stop };
}

/** Puts tasks into it, as a client would; gives their ids. */
export async function createTasks(api: string, tasks: readonly Record<string, unknown>[]): Promise<string[]> {
  const ids: string[] = [];
  for (const task of tasks) {
    const response = await fetch(`${api}/api/workflow/create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(task),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    ids.push(((await response.json()) as { task_id: string }).task_id);
  }
  return ids;
}
