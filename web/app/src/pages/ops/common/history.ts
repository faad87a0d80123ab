import { useEffect, useSyncExternalStore } from 'react';
import { Store } from '../../../data/store';
import type { Queue } from './jobs';

/** What a queue was like at one moment. */
export interface Sample {
  /** Seconds since 1970. */
  at: number;
  queues: readonly Queue[];
}

/** An hour of one sample in 5 s. */
const MOST = 720;

const samples = new Store<readonly Sample[]>([]);

/** Keeps what was fetched for as long as the page is open: the API tells of now alone. */
export function useHistory(queues: readonly Queue[] | undefined, fetchedAt: number): readonly Sample[] {
  useEffect(() => {
    if (queues && fetchedAt > 0) samples.set(added(samples.get(), { at: Math.round(fetchedAt / 1000), queues }));
  }, [queues, fetchedAt]);
  return useSyncExternalStore(samples.subscribe, samples.get);
}

/** With the sample at the end, unless that moment is there already. */
export function added(kept: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = kept.at(-1);
  if (last && sample.at <= last.at) return kept;
  return [...kept, sample].slice(-MOST);
}

export interface Lines {
  times: number[];
  waiting: number[];
  running: number[];
  completed: number[];
  /** Percent; of several queues the worst. */
  failing: (number | null)[];
  /** Seconds; of several queues the longest. */
  oldest: (number | null)[];
}

/** The samples as lines, of one queue or of all. */
export function lines(kept: readonly Sample[], name: string | null): Lines {
  const into: Lines = { times: [], waiting: [], running: [], completed: [], failing: [], oldest: [] };
  for (const { at, queues } of kept) {
    const meant = name ? queues.filter((queue) => queue.name === name) : queues;
    into.times.push(at);
    into.waiting.push(sum(meant, (queue) => queue.depth.available + queue.depth.pending));
    into.running.push(sum(meant, (queue) => queue.depth.running));
    into.completed.push(sum(meant, (queue) => queue.completed_per_minute));
    const failing = most(meant, (queue) => queue.failure_rate);
    into.failing.push(failing === null ? null : failing * 100);
    into.oldest.push(most(meant, (queue) => queue.oldest_available_seconds));
  }
  return into;
}

export function sum<T>(all: readonly T[], of: (each: T) => number): number {
  return all.reduce((total, each) => total + of(each), 0);
}

/** The greatest of what is known. */
export function most<T>(all: readonly T[], of: (each: T) => number | null | undefined): number | null {
  const known = all.map(of).filter((value) => value != null);
  return known.length > 0 ? Math.max(...known) : null;
}
