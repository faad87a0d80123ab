import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WorkflowClient, type Options, type StateEvents } from '../src/index.ts';
import { FakeSocket } from './fake.ts';

let client: WorkflowClient;
let closings: StateEvents['closed'][];

/** A client whose first attempt has begun. */
async function connect(options: Partial<Options> = {}): Promise<FakeSocket> {
  client = new WorkflowClient({ url: 'ws://host/ws', WebSocket: FakeSocket, ...options });
  closings = [];
  client.on('closed', (closed) => closings.push(closed));
  await vi.advanceTimersByTimeAsync(0);
  return FakeSocket.last;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(1);
  FakeSocket.made = [];
});

afterEach(() => {
  client.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('a lost connection', () => {
  test('is tried again after a time that doubles from 0.5 to 30 s', async () => {
    await connect();
    for (const wait of [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      const attempts = FakeSocket.made.length;
      FakeSocket.last.drop();
      expect(closings.at(-1)?.retryIn).toBe(wait);
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(FakeSocket.made).toHaveLength(attempts);
      await vi.advanceTimersByTimeAsync(1);
      expect(FakeSocket.made).toHaveLength(attempts + 1);
    }
  });

  test('is waited for a random part of that time', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.25);
    await connect();
    FakeSocket.last.drop();
    expect(closings[0]?.retryIn).toBe(125);
  });

  test('starts the times again only if it held for 10 s', async () => {
    const waits = async (held: number) => {
      FakeSocket.last.hello();
      await vi.advanceTimersByTimeAsync(held);
      FakeSocket.last.drop();
      const { retryIn } = closings.at(-1)!;
      await vi.advanceTimersByTimeAsync(retryIn!);
      return retryIn;
    };
    await connect();
    expect([await waits(9999), await waits(9999), await waits(10_000)]).toEqual([500, 1000, 500]);
  });

  test.each([1012, 1013])('with code %i gives the server up to 2 s', async (code) => {
    (await connect()).hello();
    FakeSocket.last.drop(code, 'busy');
    expect(closings).toEqual([{ code, reason: 'busy', retryIn: 2000 }]);
  });

  test('is tried at once when the browser is online again', async () => {
    const browser = new EventTarget();
    vi.stubGlobal('addEventListener', browser.addEventListener.bind(browser));
    vi.stubGlobal('removeEventListener', browser.removeEventListener.bind(browser));
    await connect();
    browser.dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSocket.made, 'one that is under way is left alone').toHaveLength(1);
    FakeSocket.last.drop();
    browser.dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSocket.made).toHaveLength(2);
    client.close();
    browser.dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.made).toHaveLength(2);
  });

  test('is noticed although nobody says so', async () => {
    (await connect()).hello('0', 20);
    FakeSocket.last.pong();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(FakeSocket.last.said.filter(({ action }) => action === 'ping')).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(39_999);
    expect(closings).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(closings[0]?.reason).toBe('no answer in time');
    expect(FakeSocket.made[0]?.closed).toBe(true);
  });

  test('is none while anything comes', async () => {
    (await connect()).hello('0', 20);
    for (let id = 1; id <= 20; id += 1) {
      await vi.advanceTimersByTimeAsync(30_000);
      FakeSocket.last.frame('workflow:task:created', {}, String(id));
    }
    expect(closings).toEqual([]);
  });

  test('leaves nothing behind, however often it is lost', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    await connect();
    for (let round = 0; round < 500; round += 1) {
      FakeSocket.last.hello();
      FakeSocket.last.frame('workflow:task:created', {}, String(round + 1));
      FakeSocket.last.drop();
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(FakeSocket.made).toHaveLength(501);
    expect(FakeSocket.made.filter(({ onmessage }) => onmessage)).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(1);
  });
});

describe('an attempt', () => {
  test('that gets no hello is given up', async () => {
    await connect();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(closings[0]).toMatchObject({ reason: 'no hello in time', retryIn: 500 });
  });

  test.each([401, 403, 421, 422])('that is refused with %i is the last', async (status) => {
    (await connect()).refuse(status);
    expect(closings).toEqual([{ code: 1006, reason: `refused with ${status}`, retryIn: null }]);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(FakeSocket.made).toHaveLength(1);
  });

  test.each([429, 500, 502, 503])('that is refused with %i is not', async (status) => {
    (await connect()).refuse(status);
    expect(closings[0]?.retryIn).toBe(500);
  });

  test('takes a ticket of its own', async () => {
    let tickets = 0;
    await connect({ ticket: async () => `ticket-${(tickets += 1)}` });
    FakeSocket.last.drop();
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.made.map(({ query }) => query.get('ticket'))).toEqual(['ticket-1', 'ticket-2']);
  });

  test('whose ticket is refused is the last', async () => {
    const failures: Error[] = [];
    client = new WorkflowClient({
      url: 'ws://host/ws',
      WebSocket: FakeSocket,
      ticket: () => Promise.reject(Object.assign(new Error('no'), { status: 401 })),
    });
    client.on('error', (error) => failures.push(error));
    client.on('closed', ({ retryIn }) => expect(retryIn).toBeNull());
    await vi.advanceTimersByTimeAsync(120_000);
    expect(failures).toHaveLength(1);
    expect(FakeSocket.made).toHaveLength(0);
  });

  test('whose ticket never comes is given up, and the ticket is not used later', async () => {
    const given: ((ticket: string) => void)[] = [];
    client = new WorkflowClient({
      url: 'ws://host/ws',
      WebSocket: FakeSocket,
      ticket: () => new Promise((resolve) => given.push(resolve)),
    });
    await vi.advanceTimersByTimeAsync(15_500);
    expect(given).toHaveLength(2);
    given[0]!('late');
    given[1]!('fresh');
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSocket.made.map(({ query }) => query.get('ticket'))).toEqual(['fresh']);
  });

  test('goes to /ws of an HTTP address', async () => {
    expect((await connect({ url: 'https://host:8443' })).url).toBe('wss://host:8443/ws');
  });
});

describe('the state', () => {
  test('is told in order', async () => {
    const told: unknown[] = [];
    client = new WorkflowClient({ url: 'ws://host/ws', WebSocket: FakeSocket });
    for (const name of ['connecting', 'open', 'online', 'closed'] as const) {
      client.on(name, (data) => told.push([name, data]));
    }
    await vi.advanceTimersByTimeAsync(0);
    FakeSocket.last.hello();
    FakeSocket.last.drop();
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.hello();
    client.close();
    expect(told).toEqual([
      ['connecting', { attempt: 1 }],
      ['open', { resumed: false }],
      ['online', true],
      ['online', false],
      ['closed', { code: 1006, reason: '', retryIn: 500 }],
      ['connecting', { attempt: 1 }],
      ['open', { resumed: true }],
      ['online', true],
      ['online', false],
      ['closed', { code: 1000, reason: 'closed by the client', retryIn: null }],
    ]);
  });

  test.each(['connecting', 'open', 'online', 'closed'] as const)('%s may be answered by closing', async (name) => {
    client = new WorkflowClient({ url: 'ws://host/ws', WebSocket: FakeSocket });
    const ends: unknown[] = [];
    client.on('closed', ({ retryIn }) => ends.push(retryIn));
    client.on(name, () => client.close());
    await vi.advanceTimersByTimeAsync(0);
    FakeSocket.made[0]?.hello();
    FakeSocket.made[0]?.drop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(FakeSocket.made.length).toBeLessThanOrEqual(1);
    expect(ends.at(-1)).toBeNull();
    expect(ends.filter((retryIn) => retryIn === null)).toHaveLength(1);
  });

  test('ends before it begins if closed at once', async () => {
    client = new WorkflowClient({ url: 'ws://host/ws', WebSocket: FakeSocket });
    client.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.made).toEqual([]);
  });

  test('is refused where it can never be had', () => {
    expect(() => new WorkflowClient({ url: 'nowhere', WebSocket: FakeSocket })).toThrow(/URL/);
    vi.stubGlobal('WebSocket', undefined);
    expect(() => new WorkflowClient('ws://host/ws')).toThrow(/give one as an option/);
  });
});
