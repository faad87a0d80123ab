import { http, unwrap } from '../data/http';
import { Problem } from '../data/problem';
import { Store } from '../data/store';
import { KINDS, KIND_NAMES, toNotice, type Notice } from './notice';
import { levelOf, type Preferences } from './preferences';

/** Notices kept, the newest. */
export const KEPT = 200;
/** Events looked back at: older ones are history, not news. */
const LOOK_BACK = 20_000;
const PAGE = 1000;

export interface Inbox {
  state: 'loading' | 'ready' | 'failed';
  /** The newest first. */
  notices: readonly Notice[];
  /** Those that came while nobody could see them. */
  missed: ReadonlySet<string>;
  problem?: Problem;
}

export const inbox = new Store<Inbox>({ state: 'loading', notices: [], missed: new Set() });

/** Both lists in one, the newest first, none twice. */
export function merge(old: readonly Notice[], fresh: readonly Notice[]): Notice[] {
  const known = new Set(old.map(({ id }) => id));
  const added = fresh.filter(({ id }) => !known.has(id));
  if (added.length === 0) return [...old];
  return [...added, ...old].sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1)).slice(0, KEPT);
}

export function add(fresh: readonly Notice[], missed: readonly Notice[]): void {
  const now = inbox.get();
  const notices = merge(now.notices, fresh);
  inbox.set({ ...now, notices, missed: missed.length > 0 ? new Set([...now.missed, ...missed.map(({ id }) => id)]) : now.missed });
}

/** Nothing counts as missed any more. */
export function seeMissed(): void {
  const now = inbox.get();
  if (now.missed.size > 0) inbox.set({ ...now, missed: new Set() });
}

/** What of it somebody with these wishes wants to see. */
export function wanted(notices: readonly Notice[], wishes: Preferences): Notice[] {
  return notices.filter((notice) => levelOf(notice, wishes) !== 'off');
}

let asked = 0;

/**
 * Reads the events that are still kept, up to `newest`. Those after `seen` were missed and are given back.
 */
export async function load(newest: string, seen: string | undefined, wishes: Preferences): Promise<Notice[]> {
  const turn = ++asked;
  try {
    const first = Math.max(0, Number(newest) - LOOK_BACK);
    const found = wanted(await history(first, wishes), wishes);
    if (turn !== asked) return [];
    const missed = seen === undefined ? [] : found.filter(({ id }) => BigInt(id) > BigInt(seen));
    const now = inbox.get();
    inbox.set({
      state: 'ready',
      notices: merge(wanted(now.notices, wishes), found.slice(0, KEPT)),
      missed: new Set([...now.missed, ...missed.map(({ id }) => id)]),
    });
    return missed;
  } catch (cause) {
    if (turn === asked) inbox.set({ ...inbox.get(), state: inbox.get().state === 'ready' ? 'ready' : 'failed', problem: Problem.of(cause) });
    return [];
  }
}

async function history(first: number, { levels }: Preferences): Promise<Notice[]> {
  const event = KIND_NAMES.filter((kind) => levels[kind] !== 'off').map((kind) => KINDS[kind].event);
  if (event.length === 0) return [];
  const found: Notice[] = [];
  for (let after = first; ; ) {
    let page;
    try {
      page = await unwrap(http.GET('/api/workflow/events', { params: { query: { event, after, limit: PAGE } } }));
    } catch (cause) {
      // Older than what is kept: from the oldest that is.
      if (after === 0 || Problem.of(cause).status !== 410) throw cause;
      after = 0;
      found.length = 0;
      continue;
    }
    for (const frame of page.events as unknown as { event: string }[]) {
      const notice = toNotice(frame);
      if (notice) found.push(notice);
    }
    const next = Number(page.next);
    // A page may end early, but not without moving on.
    if (next <= after) return found.reverse();
    after = next;
  }
}
