import { address } from './address.js';
import { Backoff } from './backoff.js';
import { ServerClock } from './clock.js';
import type { Command, Filter, Frames, Handler, Pattern, StateEvents } from './events.js';
import { Handlers } from './handlers.js';

/** The part of a WebSocket that is used: a browser's, Node's own from 22 on, or that of the package `ws`. */
export interface Socket {
  onmessage: ((message: { data: any }) => void) | null;
  onclose: ((closed: { code: number; reason: string }) => void) | null;
  onerror: ((error: any) => void) | null;
  send(text: string): void;
  close(): void;
}

/** What makes a socket of an address. */
export type SocketConstructor = new (url: string) => Socket;

/** Which events are wanted: all if none are named. Changes of jobs come only by their full name. */
export interface Subscription {
  events?: readonly [Pattern, ...Pattern[]];
  filter?: Filter;
}

/** How to connect. */
export interface Options extends Subscription {
  /** Such as `ws://localhost:3001/ws`. */
  url: string;
  /** Id of the last event that is known from before; what came after it is replayed first. */
  since?: string;
  /** Gives the ticket of one connection, where the server asks for one. Throwing `{ status: 401 }` or 403 is final. */
  ticket?: () => Promise<string>;
  /** Instead of the global one, which Node 20 does not have. */
  WebSocket?: SocketConstructor;
}

/** How long an attempt may take, from asking for a ticket to the server's hello. */
const HELLO_WITHIN = 15_000;
const CONNECTION_LOST = 1006;
const JOB_CHANGED = 'workflow:job:changed';

/** What a frame has before it is known to be one. */
interface Envelope {
  event: string;
  data: unknown;
  id?: string;
  timestamp: string;
}

/**
 * The stream of events: reconnects by itself and resumes where it was, each event once and in order.
 *
 * Handlers are called in the order of the events; one that takes long delays only its own process. It ends by
 * {@link close}, or when the server refuses it for good (401, 403, 421: visible with the package ws, not in browsers).
 */
export class WorkflowClient {
  readonly #options: Options;
  readonly #Socket: SocketConstructor;
  readonly #handlers = new Handlers();
  readonly #backoff = new Backoff();
  readonly #clock = new ServerClock();
  readonly #wake = () => this.#reconnectNow();
  #wanted: Subscription;
  #asked: string | undefined;
  #cursor: string | undefined;
  #socket: Socket | undefined;
  #attempt = 0;
  #askedAt = 0;
  #online = false;
  #ended = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;

  /** Throws if the address is none, or if there is no WebSocket here. */
  constructor(options: string | Options) {
    this.#options = typeof options === 'string' ? { url: options } : options;
    const Socket = this.#options.WebSocket ?? (globalThis.WebSocket as unknown as SocketConstructor | undefined);
    if (!Socket) throw new Error('there is no WebSocket here: give one as an option, such as that of the package ws');
    this.#Socket = Socket;
    address(this.#options.url, {});
    this.#wanted = this.#options;
    this.#cursor = this.#options.since;
    globalThis.addEventListener?.('online', this.#wake);
    // Not at once, so that what is said right after counts for the first connection already.
    queueMicrotask(() => this.#connect());
  }

  /** Calls the handler with each event of this name or pattern; the returned function takes it back. */
  on<P extends Pattern | keyof StateEvents>(pattern: P, handler: Handler<P>): () => void {
    const remove = this.#handlers.add(pattern, handler as never);
    this.#announce();
    return remove;
  }

  /** As {@link on}, for one event. */
  once<P extends Pattern | keyof StateEvents>(pattern: P, handler: Handler<P>): () => void {
    const remove = this.on(pattern, (data, frame) => {
      remove();
      return handler(data, frame);
    });
    return remove;
  }

  /** Takes back a handler, or all of a name or pattern. */
  off<P extends Pattern | keyof StateEvents>(pattern: P, handler?: Handler<P>): void {
    this.#handlers.remove(pattern, handler as never);
  }

  /** From now on only these events; holds across reconnections. The server answers with `workflow:subscribed`. */
  subscribe(wanted: Subscription): void {
    this.#wanted = wanted;
    this.#announce();
  }

  /** Id of the last event, to be given as `since` by a later client. */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  /** Milliseconds since 1970 by the server's clock, for countdowns to deadlines. */
  serverNow(): number {
    return this.#clock.now();
  }

  /** Ends the stream. */
  close(): void {
    if (this.#ended) return;
    this.#lost(1000, 'closed by the client', true);
  }

  async #connect(): Promise<void> {
    if (this.#ended) return;
    const attempt = (this.#attempt += 1);
    this.#handlers.tell('connecting', { attempt });
    if (this.#ended) return;
    this.#deadline = setTimeout(() => this.#lost(CONNECTION_LOST, 'no hello in time'), HELLO_WITHIN);
    const deadline = this.#deadline;
    try {
      const ticket = await this.#options.ticket?.();
      // The attempt may have been given up while the ticket was fetched.
      if (this.#deadline === deadline) this.#open(ticket);
    } catch (cause) {
      if (this.#deadline !== deadline) return;
      this.#handlers.report(cause);
      this.#lost(CONNECTION_LOST, `not connected: ${cause}`, isFinal((cause as { status?: unknown } | null)?.status));
    }
  }

  #open(ticket: string | undefined): void {
    const { filter } = this.#wanted;
    const events = this.#events();
    this.#asked = JSON.stringify({ events, filter });
    this.#askedAt = Date.now();
    const socket = new this.#Socket(address(this.#options.url, { events, filter, since: this.#cursor, ticket }));
    this.#socket = socket;
    let refusal: number | undefined;
    socket.onmessage = ({ data }) => this.#hear(data);
    // The package ws says with which status it was refused; browsers tell nobody.
    socket.onerror = (error) => (refusal = Number(/server response: (\d{3})/.exec(error?.message)?.[1]));
    socket.onclose = ({ code, reason }) =>
      this.#lost(code, refusal ? `refused with ${refusal}` : String(reason), isFinal(refusal));
  }

  /** Forgets the socket, whether or not it has noticed that it is closed, and sees to the next. */
  #lost(code: number, reason: string, final = false): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#deadline);
    clearInterval(this.#heartbeat);
    this.#retry = this.#deadline = this.#heartbeat = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket) {
      socket.onmessage = socket.onclose = null;
      // The package ws throws the error of an unfinished handshake if nobody takes it.
      socket.onerror = () => {};
      socket.close();
    }
    this.#ended = final;
    if (final) globalThis.removeEventListener?.('online', this.#wake);
    const retryIn = final ? null : this.#backoff.after(code);
    if (retryIn !== null) this.#retry = setTimeout(this.#wake, retryIn);
    if (this.#online) {
      this.#online = false;
      this.#handlers.tell('online', false);
    }
    // A handler may have ended the client meanwhile, and that was told.
    if (this.#ended === final) this.#handlers.tell('closed', { code, reason, retryIn });
  }

  #reconnectNow(): void {
    if (this.#retry === undefined) return;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    void this.#connect();
  }

  #hear(text: unknown): void {
    const frame = envelope(text);
    if (!frame) return this.#handlers.report(new Error(`not a frame: ${String(text).slice(0, 200)}`));
    if (this.#online) this.#settle();
    if (frame.event === 'workflow:hello') this.#greeted(frame.data as Frames['workflow:hello']['data']);
    if (frame.event === 'workflow:pong') this.#clock.measure(this.#askedAt, Date.parse(frame.timestamp));
    if (frame.event === 'workflow:resync') this.#resynced(frame.data as Frames['workflow:resync']['data']);
    if (frame.id !== undefined) {
      if (this.#cursor !== undefined && BigInt(frame.id) <= BigInt(this.#cursor)) return;
      this.#cursor = frame.id;
    }
    this.#handlers.tellMatching(frame.event, frame.data, frame);
  }

  #greeted({ cursor, heartbeatSeconds, timestamp }: Frames['workflow:hello']['data']): void {
    this.#settle();
    this.#clock.measure(this.#askedAt, Date.parse(timestamp));
    const resumed = this.#cursor !== undefined;
    // What comes after the first hello is what a reconnection must not miss.
    this.#cursor ??= cursor;
    this.#backoff.opened();
    this.#attempt = 0;
    this.#online = true;
    this.#heartbeat = setInterval(() => this.#ping(heartbeatSeconds), heartbeatSeconds * 1000);
    // At once too: the hello tells the time less exactly, because it comes after the handshake.
    this.#ping(heartbeatSeconds);
    this.#announce();
    this.#handlers.tell('open', { resumed });
    if (this.#online) this.#handlers.tell('online', true);
  }

  #resynced(data: Frames['workflow:resync']['data']): void {
    this.#cursor = data.cursor;
    this.#handlers.tell('resync', data);
  }

  /** Browsers hide the server's pings, so a dead connection shows only by asking. */
  #ping(heartbeatSeconds: number): void {
    if (this.#deadline !== undefined) return;
    this.#askedAt = Date.now();
    this.#deadline = setTimeout(() => this.#lost(CONNECTION_LOST, 'no answer in time'), heartbeatSeconds * 2000);
    this.#say({ action: 'ping' });
  }

  /** What was waited for has come: whatever comes is a sign of life. */
  #settle(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  /** Names and patterns to ask for; undefined for all but changes of jobs. */
  #events(): readonly string[] | undefined {
    return this.#wanted.events ?? (this.#handlers.has(JOB_CHANGED) ? ['*', JOB_CHANGED] : undefined);
  }

  /** Tells the server what is wanted, if it does not know already. */
  #announce(): void {
    if (!this.#online) return;
    const { filter } = this.#wanted;
    const events = this.#events();
    const asked = JSON.stringify({ events, filter });
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#say({ action: 'subscribe', ...(events && { events: [...events] }), ...(filter && { filter }) });
  }

  #say(command: Command): void {
    this.#socket?.send(JSON.stringify(command));
  }
}

/** Whether to try again with the same request is pointless. */
function isFinal(status: unknown): boolean {
  return typeof status === 'number' && status >= 400 && status < 500 && ![408, 425, 429].includes(status);
}

function envelope(text: unknown): Envelope | undefined {
  try {
    const frame = JSON.parse(text as string);
    const known = typeof frame.event === 'string' && typeof frame.data === 'object' && frame.data !== null;
    return known && (frame.id === undefined || /^\d+$/.test(frame.id)) ? frame : undefined;
  } catch {
    return undefined;
  }
}
