import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Server } from '../testing/server.ts';
import type { Dashboard } from './dashboard.ts';

const run = promisify(execFile);

/**
 * Two APIs and a worker on a new database of the PostgreSQL server at `address`, with the Redis server that
 * WORKFLOW_E2E_REDIS_URL names; WORKFLOW_E2E_PSQL is that server's client.
 */
export async function startProduction(address: string, further: Readonly<Record<string, string>> = {}): Promise<Dashboard> {
  const { WORKFLOW_BIN: binary = '', WORKFLOW_E2E_REDIS_URL: redis = '', WORKFLOW_E2E_PSQL: psql = 'psql' } = process.env;
  const database = new URL(address);
  database.pathname = `/e2e_${process.pid}_${Date.now()}`;
  const sql = (text: string) => run(psql, [address, '--quiet', '--set', 'ON_ERROR_STOP=1', '--command', text]);
  const name = database.pathname.slice(1);
  await sql(`CREATE DATABASE ${name}`);
  // A job of a story that kills a process is taken over soon.
  const settings = { DATABASE_URL: database.href, REDIS_URL: redis, WORKFLOW_LEASE: '4', ...further };
  const processes: Server[] = [];
  const stop = async () => {
    await Promise.all(processes.map((server) => server.stop()));
    await sql(`DROP DATABASE ${name} WITH (FORCE)`);
  };
  try {
    await run(binary, ['migrate'], { env: { ...process.env, ...settings } });
    for (const role of ['api', 'api', 'worker']) processes.push(await Server.start(role, settings));
    const [server, peer] = processes;
    if (!server || !peer) throw new Error('two APIs were started');
    return { url: server.url, peer: peer.url, server, stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}
