import type { QueryClient } from '@tanstack/react-query';
import type { components, WorkflowClient } from '@workflow-intelligence/client';
import type { Topic } from './query';
import { Throttle } from './throttle';

type TaskRow = components['schemas']['TaskRow'];
type Page = { tasks: TaskRow[] };

/** What an event tells about a task. */
interface Change {
  taskId: string;
  version: number;
  updates?: Partial<TaskRow>;
}

/** Milliseconds between two fetches of one key, however many events come. */
const PERIOD = 1000;

/** Keeps what was fetched in step with the events; the returned function ends it. */
export function followEvents(client: WorkflowClient, queries: QueryClient): () => void {
  const throttle = new Throttle(PERIOD);

  const stale = (...key: [Topic, ...unknown[]]) =>
    throttle.run(JSON.stringify(key), () => {
      // What only takes patches is marked, and fetched when somebody comes back to it.
      const fetched = { queryKey: key, predicate: ({ meta }: { meta?: { live?: 'patch' } }) => meta?.live !== 'patch' };
      void queries.invalidateQueries({ queryKey: key, refetchType: 'none' });
      void queries.invalidateQueries({ ...fetched, refetchType: 'active' });
    });

  const changed = (change: Change) => {
    patchTask(queries, change);
    stale('tasks');
    stale('metrics');
    stale('analytics');
    stale('task', change.taskId);
  };

  const ends = [
    client.on('workflow:task:created', ({ taskId, version }) => changed({ taskId, version })),
    client.on('workflow:task:updated', ({ taskId, version, updates }) => changed({ taskId, version, updates })),
    client.on('workflow:task:completed', ({ taskId, version }) => changed({ taskId, version })),
    client.on('workflow:task:deleted', ({ taskId, version }) => changed({ taskId, version })),
    client.on('workflow:comment:*', ({ taskId }) => stale('task', taskId)),
    client.on('workflow:watchers:*', ({ taskId }) => stale('task', taskId)),
    client.on('workflow:sla:*', ({ taskId }) => {
      stale('tasks');
      stale('task', taskId);
    }),
    client.on('workflow:batch:*', () => {
      stale('batches');
      stale('emails');
      stale('patterns');
    }),
    client.on('workflow:metrics:updated', ({ executive, categories, owners }) => {
      queries.setQueriesData({ queryKey: ['metrics', 'now'] }, (old: object | undefined) =>
        old ? { ...old, ...executive, categories, owners } : old,
      );
    }),
    client.on('resync', () => void queries.invalidateQueries()),
    // These events are not replayed, so after a gap nobody knows.
    client.on('open', ({ resumed }) => {
      if (resumed) for (const topic of ['metrics', 'jobs', 'queues', 'workers'] as const) stale(topic);
    }),
  ];
  return () => {
    throttle.clear();
    for (const end of ends) end();
  };
}

/** Changes the task's row in every list that has it in an older version. */
export function patchTask(queries: QueryClient, { taskId, version, updates }: Change): void {
  if (!updates) return;
  const patched = (page: Page): Page => {
    const at = page.tasks.findIndex((row) => row.task_id === taskId && row.version < version);
    if (at < 0) return page;
    return { ...page, tasks: page.tasks.with(at, { ...page.tasks[at]!, ...updates, version }) };
  };
  queries.setQueriesData({ queryKey: ['tasks'] }, (old: unknown) => {
    // To set what was there would count as news, and have all that shows it rendered again, with each of many events.
    if (isPage(old)) return changedOnly(old, patched(old));
    if (!isPages(old)) return undefined;
    const pages = old.pages.map(patched);
    return pages.every((page, at) => page === old.pages[at]) ? undefined : { ...old, pages };
  });
}

const changedOnly = <T>(old: T, next: T): T | undefined => (next === old ? undefined : next);

function isPage(value: unknown): value is Page {
  return typeof value === 'object' && value !== null && Array.isArray((value as Partial<Page>).tasks);
}

function isPages(value: unknown): value is { pages: Page[] } {
  const pages = (value as { pages?: unknown } | undefined)?.pages;
  return Array.isArray(pages) && pages.every(isPage);
}
