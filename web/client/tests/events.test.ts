import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WorkflowClient, type Options } from '../src/index.ts';
import { FakeSocket } from './fake.ts';

let client: WorkflowClient;
let ids: (string | undefined)[];

async function connect(options: Partial<Options> = {}): Promise<FakeSocket> {
  client = new WorkflowClient({ url: 'ws://host/ws', WebSocket: FakeSocket, ...options });
  ids = [];
  client.on('workflow:task:*', (_, frame) => ids.push(frame.id));
  await vi.advanceTimersByTimeAsync(0);
  return FakeSocket.last;
}

async function reconnect(): Promise<FakeSocket> {
  FakeSocket.last.drop();
  await vi.advanceTimersByTimeAsync(2000);
  return FakeSocket.last;
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.made = [];
});

afterEach(() => {
  client.close();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('after a reconnection', () => {
  test('what was missed is asked for, and what comes twice is told once', async () => {
    const first = await connect();
    expect(first.query.has('since')).toBe(false);
    first.hello('7');
    first.frame('workflow:task:created', {}, '9');
    const second = await reconnect();
    expect(second.query.get('since')).toBe('9');
    second.hello('12');
    for (const id of ['8', '9', '10', '12', '10']) second.frame('workflow:task:updated', {}, id);
    expect(ids).toEqual(['9', '10', '12']);
    expect(client.cursor).toBe('12');
  });

  test('a client that has seen nothing goes on from the first hello', async () => {
    (await connect()).hello('41');
    const second = await reconnect();
    expect(second.query.get('since')).toBe('41');
    second.hello('43');
    expect((await reconnect()).query.get('since')).toBe('41');
  });

  test('ids are compared as integers of any size', async () => {
    const socket = await connect({ since: '9007199254740992' });
    expect(socket.query.get('since')).toBe('9007199254740992');
    socket.hello('9007199254740993');
    for (const id of ['9007199254740992', '9007199254740993', '9007199254740993', '10']) {
      socket.frame('workflow:task:created', {}, id);
    }
    expect(ids).toEqual(['9007199254740993']);
  });

  test('a gap that cannot be filled is told, and the new cursor holds even if it is lower', async () => {
    const socket = await connect({ since: '500' });
    const resyncs: unknown[] = [];
    client.on('resync', ({ reason, cursor }) => resyncs.push([reason, cursor]));
    socket.hello('20');
    socket.frame('workflow:resync', { reason: 'cursor_unknown', cursor: '20' });
    socket.frame('workflow:task:created', {}, '21');
    expect(resyncs).toEqual([['cursor_unknown', '20']]);
    expect(ids).toEqual(['21']);
    expect((await reconnect()).query.get('since')).toBe('21');
  });

  test('the subscription holds', async () => {
    const socket = await connect();
    socket.hello();
    client.subscribe({ events: ['workflow:sla:*', 'workflow:task:created'], filter: { status: ['RED'] } });
    expect(socket.said.at(-1)).toEqual({
      action: 'subscribe',
      events: ['workflow:sla:*', 'workflow:task:created'],
      filter: { status: ['RED'] },
    });
    const { query } = await reconnect();
    expect(query.get('events')).toBe('workflow:sla:*,workflow:task:created');
    expect(JSON.parse(query.get('filter')!)).toEqual({ status: ['RED'] });
  });
});

describe('a subscription', () => {
  test('made before the connection is part of its address, and not said again', async () => {
    client = new WorkflowClient({ url: 'ws://host/ws', WebSocket: FakeSocket });
    client.subscribe({ events: ['workflow:sla:warning'] });
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSocket.last.query.get('events')).toBe('workflow:sla:warning');
    FakeSocket.last.hello();
    expect(FakeSocket.last.said).toEqual([{ action: 'ping' }]);
  });

  test('changed while connecting is said after the hello', async () => {
    const socket = await connect();
    client.subscribe({ events: ['workflow:sla:warning'] });
    expect(socket.said).toEqual([]);
    socket.hello();
    expect(socket.said).toContainEqual({ action: 'subscribe', events: ['workflow:sla:warning'] });
  });

  test('names changes of jobs as soon as somebody listens for them', async () => {
    const socket = await connect();
    socket.hello();
    client.on('workflow:job:changed', () => {});
    expect(socket.said.at(-1)).toEqual({ action: 'subscribe', events: ['*', 'workflow:job:changed'] });
    expect((await reconnect()).query.get('events')).toBe('*,workflow:job:changed');
  });
});

describe('handlers', () => {
  test('hear what they asked for, until they are taken back', async () => {
    const socket = await connect();
    socket.hello();
    const heard: string[] = [];
    const note = (name: string) => () => heard.push(name);
    const byName = note('name');
    const stop = client.on('workflow:sla:warning', note('stopped'));
    client.on('workflow:sla:warning', byName);
    client.on('workflow:sla:*', note('pattern'));
    client.on('*', note('all'));
    client.once('workflow:sla:warning', note('once'));
    client.on('workflow:sla:violated', note('other'));
    stop();
    socket.frame('workflow:sla:warning', {}, '1');
    expect(heard).toEqual(['name', 'once', 'pattern', 'all']);
    client.off('workflow:sla:warning', byName);
    client.off('*');
    socket.frame('workflow:sla:warning', {}, '2');
    expect(heard.slice(4)).toEqual(['pattern']);
  });

  test('may throw or reject without harm to others or to the stream', async () => {
    const socket = await connect();
    socket.hello();
    const failures: string[] = [];
    client.on('error', ({ message }) => failures.push(message));
    client.on('workflow:batch:failed', () => {
      throw new Error('thrown');
    });
    client.on('workflow:batch:failed', async () => Promise.reject('rejected'));
    const heard = vi.fn();
    client.on('workflow:batch:failed', heard);
    socket.frame('workflow:batch:failed', {}, '1');
    socket.frame('workflow:batch:failed', {}, '2');
    await vi.advanceTimersByTimeAsync(0);
    expect(heard).toHaveBeenCalledTimes(2);
    expect(failures.sort()).toEqual(['rejected', 'rejected', 'thrown', 'thrown']);
  });

  test('of errors that throw themselves end on the console', async () => {
    const console_ = vi.spyOn(console, 'error').mockImplementation(() => {});
    const socket = await connect();
    socket.raw('nonsense');
    client.on('error', () => {
      throw new Error('again');
    });
    socket.raw('nonsense');
    expect(console_.mock.calls.map(([error]) => (error as Error).message)).toEqual(['not a frame: nonsense', 'again']);
  });

  test('are not disturbed by frames that are none', async () => {
    const socket = await connect();
    socket.hello();
    const failures: Error[] = [];
    client.on('error', (error) => failures.push(error));
    const bad = ['', '{', 'null', '[]', '"x"', '{"event":1,"data":{}}', '{"event":"workflow:task:created"}',
      '{"event":"workflow:task:created","data":{},"id":"x"}', '{"event":"workflow:task:created","data":{},"id":"-1"}',
      new ArrayBuffer(4)];
    for (const data of bad) socket.raw(data);
    expect(failures).toHaveLength(bad.length);
    socket.frame('workflow:task:created', {}, '1');
    socket.frame('workflow:task:invented-later', {}, '2');
    expect(ids).toEqual(['1', '2']);
  });
});

describe("the server's clock", () => {
  const ahead = (socket: FakeSocket, event: string, by: number) => {
    const timestamp = new Date(Date.now() + by).toISOString();
    const data = event === 'workflow:hello' ? { cursor: '0', heartbeatSeconds: 20, timestamp } : { timestamp };
    socket.raw(JSON.stringify({ event, data, timestamp }));
  };

  test('is known to half the time of an answer, and better by a quicker one', async () => {
    const socket = await connect();
    await vi.advanceTimersByTimeAsync(400);
    ahead(socket, 'workflow:hello', 60_000);
    expect(client.serverNow() - Date.now()).toBe(60_200);
    await vi.advanceTimersByTimeAsync(10);
    ahead(socket, 'workflow:pong', 60_000);
    expect(client.serverNow() - Date.now()).toBe(60_005);
    await vi.advanceTimersByTimeAsync(20_300);
    ahead(socket, 'workflow:pong', 60_000);
    expect(client.serverNow() - Date.now(), 'a slow answer does not spoil it').toBe(60_005);
  });

  test('is measured again when the own clock was set', async () => {
    const socket = await connect();
    ahead(socket, 'workflow:hello', 0);
    socket.pong();
    vi.setSystemTime(Date.now() - 60_000);
    await vi.advanceTimersByTimeAsync(20_100);
    ahead(socket, 'workflow:pong', 60_000);
    expect(client.serverNow() - Date.now()).toBe(60_050);
  });
});
