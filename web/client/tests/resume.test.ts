import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { WorkflowClient, createHttpClient, type Options, type SocketConstructor } from '../src/index.ts';
import { Server } from '../../testing/server.ts';

const Socket = WebSocket as unknown as SocketConstructor;
const IN_TIME = { timeout: 40_000, interval: 20 };
let server: Server;
let clients: WorkflowClient[];

function connect(options: Partial<Options> = {}): WorkflowClient {
  const client = new WorkflowClient({ url: server.socket, WebSocket: Socket, ...options });
  clients.push(client);
  return client;
}

/** Creates a task, and says which. */
async function create(title: string, status: 'GREEN' | 'RED' = 'GREEN'): Promise<string> {
  const { data, error } = await createHttpClient(server.url).POST('/api/workflow/create', {
    headers: { prefer: 'wait=20' },
    body: { title, workflow_category: 'Order Management', task_status: status },
  });
  if (error) throw new Error(JSON.stringify(error));
  return data.task_id;
}

/** All numbered events from the beginning, by a client that was never interrupted. */
async function everything(): Promise<string[]> {
  const { data } = await createHttpClient(server.url).GET('/api/workflow/events', {
    params: { query: { after: '0' as never, limit: 1000 } },
  });
  return (data!.events as { id: string }[]).map(({ id }) => id);
}

beforeEach(async () => {
  server = await Server.start();
  clients = [];
});

afterEach(async () => {
  for (const client of clients) client.close();
  await server.stop();
});

test('a server that is killed between events costs no event, and repeats none', async () => {
  const seen: string[] = [];
  const opened = vi.fn();
  const client = connect();
  client.on('*', (_, frame) => 'id' in frame && seen.push(frame.id));
  client.on('open', opened);
  for (let round = 0; round < 4; round += 1) {
    await vi.waitFor(() => expect(opened).toHaveBeenCalledTimes(round + 1), IN_TIME);
    await create(`before ${round}`);
    await server.kill();
    await server.restart();
    // Most likely before the client is back, so that it is replayed.
    await create(`after ${round}`);
  }
  await vi.waitFor(async () => expect((await everything()).length).toBeGreaterThanOrEqual(8), IN_TIME);
  const all = await everything();
  await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(all.length), IN_TIME);
  expect(seen).toEqual(all);
});

test('a filter holds for what is replayed', async () => {
  const titles: string[] = [];
  const opened = vi.fn();
  const client = connect({ events: ['workflow:task:created'], filter: { status: ['RED'] } });
  client.on('workflow:task:created', ({ title }) => titles.push(title));
  client.on('open', opened);
  await vi.waitFor(() => expect(opened).toHaveBeenCalledTimes(1), IN_TIME);
  await server.kill();
  await server.restart();
  await create('not this');
  await create('this', 'RED');
  await vi.waitFor(() => expect(titles).toContain('this'), IN_TIME);
  await create('nor this');
  await create('and this', 'RED');
  await vi.waitFor(() => expect(titles).toContain('and this'), IN_TIME);
  expect(titles).toEqual(['this', 'and this']);
});

test('a later client goes on where an earlier one was', async () => {
  const first = connect();
  const seen: string[] = [];
  first.on('workflow:task:created', ({ title }) => seen.push(title));
  await vi.waitFor(() => expect(first.cursor).toBeDefined(), IN_TIME);
  await create('one');
  await vi.waitFor(() => expect(seen).toEqual(['one']), IN_TIME);
  first.close();
  await create('two');
  await vi.waitFor(async () => expect(await everything()).toHaveLength(2), IN_TIME);
  const second = connect({ since: first.cursor! });
  second.on('workflow:task:created', ({ title }) => seen.push(title));
  await create('three');
  await vi.waitFor(() => expect(seen).toContain('three'), IN_TIME);
  expect(seen).toEqual(['one', 'two', 'three']);
});

test('a handler that takes its time gets everything, in order', async () => {
  const seen: string[] = [];
  const client = connect();
  client.on('workflow:task:created', ({ title }) => {
    const until = Date.now() + 200;
    while (Date.now() < until);
    seen.push(title);
  });
  await vi.waitFor(() => expect(client.cursor).toBeDefined(), IN_TIME);
  const titles = Array.from({ length: 20 }, (_, index) => `task ${index}`);
  for (const title of titles) await create(title);
  await vi.waitFor(() => expect(seen).toEqual(titles), IN_TIME);
});

test('a cursor from nowhere is answered with a resync, and live events follow', async () => {
  await create('before');
  await vi.waitFor(async () => expect(await everything()).toHaveLength(1), IN_TIME);
  const client = connect({ since: '999999' });
  const resyncs: string[] = [];
  const seen: string[] = [];
  client.on('resync', ({ reason }) => resyncs.push(reason));
  client.on('workflow:task:created', ({ title }) => seen.push(title));
  await vi.waitFor(() => expect(resyncs).toEqual(['cursor_unknown']), IN_TIME);
  await create('after');
  await vi.waitFor(() => expect(seen).toEqual(['after']), IN_TIME);
});

test('a refused connection is not tried again', async () => {
  const closings: unknown[] = [];
  const client = connect({ url: `${server.socket}?nonsense=1` });
  client.on('closed', (closed) => closings.push(closed));
  const refused = [{ code: 1006, reason: 'refused with 422', retryIn: null }];
  await vi.waitFor(() => expect(closings).toEqual(refused), IN_TIME);
});

test('the server says what it does not understand, and the time', async () => {
  const client = connect();
  const errors: string[] = [];
  const pongs = vi.fn();
  client.on('workflow:error', ({ code }) => errors.push(code));
  client.on('workflow:pong', pongs);
  await vi.waitFor(() => expect(pongs).toHaveBeenCalled(), IN_TIME);
  expect(Math.abs(client.serverNow() - Date.now())).toBeLessThan(1000);
  client.subscribe({ events: ['workflow:nothing*'] });
  await vi.waitFor(() => expect(errors).toEqual(['bad_frame']), IN_TIME);
});
