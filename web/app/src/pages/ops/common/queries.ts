import { useQuery } from '@tanstack/react-query';
import { http, unwrap } from '../../../data/http';
import { serverNow } from '../../../data/live';

/** Milliseconds between two looks. Nothing is asked while the page is hidden. */
export const PERIOD = 5000;

/** As the page is looked at again, old figures are the first thing to go. */
export const POLLED = { refetchInterval: PERIOD, refetchOnWindowFocus: 'always', staleTime: 2000 } as const;

export const useQueues = () =>
  useQuery({ queryKey: ['queues'], queryFn: ({ signal }) => unwrap(http.GET('/api/queues', { signal })), ...POLLED });

/** What the server has kept of a queue, or of all together, in the last seconds. A minute is written when it is over. */
export const useQueueHistory = (queue: string | null, seconds: number) =>
  useQuery({
    queryKey: ['queues', 'history', queue, seconds],
    queryFn: async ({ signal }) => {
      const until = Math.floor(serverNow() / 1000);
      const since = until - seconds;
      const [from, to] = [since, until].map((at) => new Date(at * 1000).toISOString());
      const past = await unwrap(http.GET('/api/queues/history', { params: { query: { from, to, ...(queue && { queue }) } }, signal }));
      return { past, since, until };
    },
    ...POLLED,
    refetchInterval: 4 * PERIOD,
  });

export const useWorkers = () =>
  useQuery({ queryKey: ['workers'], queryFn: ({ signal }) => unwrap(http.GET('/api/workers', { signal })), ...POLLED });

export const useSchedules = () =>
  useQuery({ queryKey: ['schedules'], queryFn: ({ signal }) => unwrap(http.GET('/api/schedules', { signal })), ...POLLED });

export const useDatabase = () =>
  useQuery({
    queryKey: ['database'],
    queryFn: ({ signal }) => unwrap(http.GET('/api/database', { signal })),
    ...POLLED,
    refetchInterval: 3 * PERIOD,
  });

export const useErrorGroups = () =>
  useQuery({
    queryKey: ['jobs', 'errors'],
    queryFn: ({ signal }) => unwrap(http.GET('/api/jobs/errors', { signal })),
    ...POLLED,
    refetchInterval: 2 * PERIOD,
  });
