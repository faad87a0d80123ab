import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { http, unwrap } from '../../data/http';
import { Store } from '../../data/store';
import type { TaskRow } from './filters';

/** Names that came with tasks: the API lists people and mailboxes that are kept, but tasks may name others. */
const seen = new Store<{ owners: readonly string[]; mailboxes: readonly string[]; tags: readonly string[] }>({
  owners: [],
  mailboxes: [],
  tags: [],
});
const MOST = 500;

function joined(old: readonly string[], more: readonly (string | null)[]): readonly string[] {
  const added = [...new Set(more)].filter((one): one is string => one !== null && !old.includes(one));
  return added.length === 0 ? old : [...old, ...added].slice(0, MOST);
}

export function noteSeen(tasks: readonly TaskRow[]): void {
  const old = seen.get();
  const next = {
    owners: joined(old.owners, tasks.map((task) => task.current_owner)),
    mailboxes: joined(old.mailboxes, tasks.map((task) => task.mailbox_source)),
    tags: joined(old.tags, tasks.flatMap((task) => task.tags)),
  };
  if (next.owners !== old.owners || next.mailboxes !== old.mailboxes || next.tags !== old.tags) seen.set(next);
}

const byName = (names: Iterable<string>): string[] => [...new Set(names)].sort((a, b) => a.localeCompare(b));

/** What owner, mailbox and tag can be chosen from. */
export function useNames(): { owners: string[]; mailboxes: string[]; tags: string[] } {
  const known = useSyncExternalStore(seen.subscribe, seen.get);
  // Not by the key of metrics: those are fetched again with each change of a task.
  const people = useQuery({
    queryKey: ['people', 'names'],
    queryFn: async ({ signal }) => {
      const [kept, metrics] = await Promise.all([
        unwrap(http.GET('/api/people', { signal })),
        unwrap(http.GET('/api/workflow/metrics', { signal })),
      ]);
      return [...kept.people.map(({ name }) => name), ...metrics.owners.flatMap((owner) => owner.current_owner ?? [])];
    },
    staleTime: 5 * 60_000,
  });
  const mailboxes = useQuery({
    queryKey: ['mailboxes', 'names'],
    queryFn: async ({ signal }) => (await unwrap(http.GET('/api/mailboxes', { signal }))).mailboxes.map(({ name }) => name),
    staleTime: 5 * 60_000,
  });
  return {
    owners: byName([...(people.data ?? []), ...known.owners]),
    mailboxes: byName([...(mailboxes.data ?? []), ...known.mailboxes]),
    tags: byName(['review', ...known.tags]),
  };
}
