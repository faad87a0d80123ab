import { useEffect, useSyncExternalStore } from 'react';
import { serverNow } from '../../../data/live';
import { Store } from '../../../data/store';
import type { Queue } from './jobs';

/** What a queue was like at one moment. */
export interface Sample {
  /** Seconds since 1970, by the server's clock. */
  at: number;
  queues: readonly Queue[];
}

/** An hour of one sample in 5 s. */
const MOST = 720;

const samples = new Store<readonly Sample[]>([]);

/** Keeps what was fetched for as long as the page is open: between two minutes of the history, this is how it looks. */
export function useHistory(queues: readonly Queue[] | undefined, fetchedAt: number): readonly Sample[] {
  useEffect(() => {
    if (queues && fetchedAt > 0) samples.set(added(samples.get(), { at: Math.round((fetchedAt + serverNow() - Date.now()) / 1000), queues }));
  }, [queues, fetchedAt]);
  return useSyncExternalStore(samples.subscribe, samples.get);
}

/** With the sample at the end, unless that moment is there already. */
export function added(kept: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = kept.at(-1);
  if (last && sample.at <= last.at) return kept;
  return [...kept, sample].slice(-MOST);
}

export function sum<T>(all: readonly T[], of: (each: T) => number): number {
  return all.reduce((total, each) => total + of(each), 0);
}

/** The greatest of what is known. */
export function most<T>(all: readonly T[], of: (each: T) => number | null | undefined): number | null {
  const known = all.map(of).filter((value) => value != null);
  return known.length > 0 ? Math.max(...known) : null;
}
