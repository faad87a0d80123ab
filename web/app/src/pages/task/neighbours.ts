import type { QueryClient } from '@tanstack/react-query';

/** The tasks before and after this one in the list one came from. */
export interface Neighbours {
  previous: string | undefined;
  next: string | undefined;
  /** From 1. */
  place: number;
  of: number;
}

const KEPT = 'task-list';
const MOST = 5000;

/** Ids in what a query for tasks gave: one page, several, or an endless list of them. */
export function idsIn(data: unknown): string[] {
  if (Array.isArray(data)) return data.flatMap(idsIn);
  if (typeof data !== 'object' || data === null) return [];
  const { pages, tasks, task_id: id } = data as { pages?: unknown; tasks?: unknown; task_id?: unknown };
  if (typeof id === 'string') return [id];
  return idsIn(pages ?? tasks ?? []);
}

export function neighboursIn(ids: readonly string[], id: string): Neighbours | undefined {
  const at = ids.indexOf(id);
  if (at < 0) return undefined;
  return { previous: ids[at - 1], next: ids[at + 1], place: at + 1, of: ids.length };
}

/**
 * The list one came from is the one that was shown last. It is kept for the tab, so that a reload and a walk through
 * the tasks do not lose it.
 */
export function findNeighbours(queries: QueryClient, id: string): Neighbours | undefined {
  const kept = read();
  if (kept.includes(id)) return neighboursIn(kept, id);
  const lists = queries
    .getQueryCache()
    .findAll({ queryKey: ['tasks'] })
    .map((query) => ({ ids: idsIn(query.state.data), at: query.state.dataUpdatedAt }))
    .filter(({ ids }) => ids.length > 1 && ids.includes(id))
    .sort((a, b) => b.at - a.at);
  const ids = lists[0]?.ids.slice(0, MOST);
  if (!ids) return undefined;
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(ids));
  } catch {
    // Without storage a reload forgets the list.
  }
  return neighboursIn(ids, id);
}

/** Forgets the list, so that the next task looks for its own. */
export function forgetList(): void {
  try {
    sessionStorage.removeItem(KEPT);
  } catch {
    // Nothing is kept then.
  }
}

function read(): string[] {
  try {
    const ids: unknown = JSON.parse(sessionStorage.getItem(KEPT) ?? '[]');
    return Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string') : [];
  } catch {
    return [];
  }
}
