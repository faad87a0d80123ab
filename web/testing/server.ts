import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The product on a database of its own, to be killed and started again at will. WORKFLOW_BIN names the binary. */
export class Server {
  #child: ChildProcess | undefined;
  #listen = '127.0.0.1:0';
  url = '';

  private constructor(
    readonly binary: string,
    readonly folder: string,
    readonly role: string,
    readonly settings: Readonly<Record<string, string>>,
  ) {}

  /** `up`, which is all of it on SQLite, or another role with the settings that it needs. */
  static async start(role = 'up', settings: Readonly<Record<string, string>> = {}): Promise<Server> {
    const binary = process.env.WORKFLOW_BIN;
    if (!binary) throw new Error('WORKFLOW_BIN is not set: run these tests by `cargo xtask web`');
    const server = new Server(binary, await mkdtemp(join(tmpdir(), 'workflow-client-')), role, settings);
    await server.restart();
    return server;
  }

  /** Address of the socket. */
  get socket(): string {
    return `${this.url.replace('http', 'ws')}/ws`;
  }

  get #env(): Record<string, string | undefined> {
    return {
      ...process.env,
      DATABASE_URL: `sqlite://${join(this.folder, 'workflow.db')}`,
      WORKFLOW_LISTEN: this.#listen,
      WORKFLOW_LOG: 'warn',
      ...this.settings,
    };
  }

  /** Runs another command of the product on the same data; gives what it prints. */
  async command(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(this.binary, args, { env: this.#env, cwd: this.folder });
    return stdout;
  }

  /** Starts it where it was before. */
  async restart(): Promise<void> {
    const child = spawn(this.binary, [this.role], { env: this.#env, cwd: this.folder, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    for await (const line of createInterface(child.stdout)) {
      const url = /http:\/\/[^\s/]+/.exec(line)?.[0];
      if (!url) continue;
      child.stdout.resume();
      this.url = url;
      this.#listen = url.replace('http://', '');
      return;
    }
    throw new Error('the server ended before it was ready');
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Ends it and removes its data. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true });
  }
}
