import type { Socket } from '../src/index.ts';

/** A socket whose other end is the test. */
export class FakeSocket implements Socket {
  /** All there have been, oldest first. */
  static made: FakeSocket[] = [];
  static get last(): FakeSocket {
    return FakeSocket.made.at(-1)!;
  }

  onmessage: ((message: { data: any }) => void) | null = null;
  onclose: ((closed: { code: number; reason: string }) => void) | null = null;
  onerror: ((error: any) => void) | null = null;
  readonly said: any[] = [];
  closed = false;

  constructor(readonly url: string) {
    FakeSocket.made.push(this);
  }

  send(text: string): void {
    this.said.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
  }

  get query(): URLSearchParams {
    return new URL(this.url).searchParams;
  }

  /** The server says something that is not a frame of its own. */
  raw(data: unknown): void {
    this.onmessage?.({ data });
  }

  /** A frame; numbered if it has an id. */
  frame(event: string, data: object = {}, id?: string): void {
    const timestamp = new Date().toISOString();
    this.raw(JSON.stringify({ event, data: { timestamp, ...data }, ...(id && { id }), timestamp }));
  }

  hello(cursor = '0', heartbeatSeconds = 20): void {
    this.frame('workflow:hello', { cursor, heartbeatSeconds });
  }

  pong(): void {
    this.frame('workflow:pong');
  }

  /** The server, or the network, ends it. */
  drop(code = 1006, reason = ''): void {
    this.onclose?.({ code, reason });
  }

  /** The server answers the upgrade with a status, as the package ws tells it. */
  refuse(status: number): void {
    this.onerror?.({ message: `Unexpected server response: ${status}` });
    this.drop();
  }
}
