import { QueryClient } from '@tanstack/react-query';
import { Problem } from './problem';

/** The first word of every query's key: what it is about. Events say which of these have changed. */
export type Topic =
  | 'metrics'
  | 'analytics'
  | 'forecast'
  | 'tasks'
  | 'task'
  | 'batches'
  | 'emails'
  | 'patterns'
  | 'events'
  | 'jobs'
  | 'queues'
  | 'workers'
  | 'schedules'
  | 'database'
  | 'audit'
  | 'sla'
  | 'people'
  | 'teams'
  | 'mailboxes'
  | 'webhooks'
  | 'keys'
  | 'notifications'
  | 'findings'
  | 'assignment';

declare module '@tanstack/react-query' {
  interface Register {
    defaultError: Problem;
    queryKey: readonly [Topic, ...unknown[]];
    /** `live: 'patch'`: events change the rows that are there, but have nothing fetched again. */
    queryMeta: { live?: 'patch' };
  }
}

/** How often a request that may go better later is tried again. */
const RETRIES = 2;

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // Events say when something has changed, so what is there stays good for long.
        staleTime: 30_000,
        gcTime: 5 * 60_000,
        retry: (failures, error) => failures < RETRIES && Problem.of(error).passing,
        retryDelay: (failures) => 500 * 2 ** failures,
        // The server may be on this machine, reachable without a network.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}
