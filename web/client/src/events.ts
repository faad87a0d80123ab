import type { components } from './frames.js';

/** Everything the server sends, by name: `{ event, data, timestamp }`, and `id` where it can be replayed. */
export type Frames = components['schemas']['Frames'];

/** Name of a frame. */
export type EventName = keyof Frames & string;

/** What the server understands. */
export type Command = components['schemas']['Commands'][keyof components['schemas']['Commands']];

/** Values of which an event must have one, old or new, in each list that is not empty. */
export type Filter = components['schemas']['Filter'];

/** What the client says about its own connection. */
export interface StateEvents {
  /** An attempt begins; the first has number 1. */
  connecting: { attempt: number };
  /** The server has said hello; `resumed` if events missed meanwhile follow. */
  open: { resumed: boolean };
  /** Whether events flow: true with `open`, false when the connection is lost. For a banner. */
  online: boolean;
  /** A connection or an attempt has ended. `retryIn` is in milliseconds, null if there will be no other. */
  closed: { code: number; reason: string; retryIn: number | null };
  /** Missed events are no longer kept: read everything again over HTTP. Live events go on by themselves. */
  resync: Frames['workflow:resync']['data'];
  /** A frame that cannot be read, a handler that threw, a ticket that could not be had. The stream goes on. */
  error: Error;
}

/** A name, or the beginning of names followed by `*`. */
export type Pattern = EventName | `${string}*`;

/** Names that a pattern stands for. */
export type Matching<P> = P extends `${infer Prefix}*`
  ? Extract<EventName, `${Prefix}${string}`>
  : Extract<EventName, P>;

/** The frames a handler of this pattern is given. */
export type FrameOf<P> = P extends keyof StateEvents ? undefined : Frames[Matching<P>];

/** The data a handler of this pattern is given. */
export type DataOf<P> = P extends keyof StateEvents ? StateEvents[P] : Frames[Matching<P>]['data'];

/** What is called with an event. What it throws, or its promise is rejected with, becomes an `error` event. */
export type Handler<P> = (data: DataOf<P>, frame: FrameOf<P>) => unknown;
