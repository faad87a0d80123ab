import { Store } from '../data/store';

/** What was read: everything up to an event, and some after it. */
export interface Read {
  upTo: string;
  also: readonly string[];
}

/** Kept of the single ones: the list is not longer either. */
const KEPT = 300;
const KEY = 'notifications-read';
/** The newest event that this browser has seen; what came after it was missed. */
const CURSOR = 'notifications-cursor';

export function isRead({ upTo, also }: Read, id: string): boolean {
  return BigInt(id) <= BigInt(upTo) || also.includes(id);
}

/** With one more. */
export function withRead(read: Read, id: string): Read {
  return isRead(read, id) ? read : { ...read, also: [...read.also, id].slice(-KEPT) };
}

export function readRead(text: string | null): Read {
  try {
    const found = JSON.parse(text ?? 'null') as Partial<Read> | null;
    const upTo = /^\d+$/.test(String(found?.upTo)) ? String(found?.upTo) : '0';
    return { upTo, also: (found?.also ?? []).filter((id) => /^\d+$/.test(id)) };
  } catch {
    return { upTo: '0', also: [] };
  }
}

function get(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function put(key: string, value: string) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // No storage: it holds until the page is left.
  }
}

export const read = new Store<Read>(readRead(get(KEY)));

function keep(next: Read) {
  read.set(next);
  put(KEY, JSON.stringify(next));
}

export function markRead(id: string): void {
  keep(withRead(read.get(), id));
}

/** Everything up to this event. */
export function markAllRead(newest: string): void {
  const { upTo } = read.get();
  if (BigInt(newest) > BigInt(upTo)) keep({ upTo: newest, also: [] });
}

export function lastSeen(): string | undefined {
  const cursor = get(CURSOR);
  return cursor && /^\d+$/.test(cursor) ? cursor : undefined;
}

export function keepSeen(cursor: string): void {
  put(CURSOR, cursor);
}

globalThis.window?.addEventListener('storage', ({ key, newValue }) => {
  if (key === KEY) read.set(readRead(newValue));
});
