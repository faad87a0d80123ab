import { useQuery } from '@tanstack/react-query';
import { http, unwrap } from '../../../data/http';

/** Milliseconds between two looks. Nothing is asked while the page is hidden. */
export const PERIOD = 5000;

/** As the page is looked at again, old figures are the first thing to go. */
export const POLLED = { refetchInterval: PERIOD, refetchOnWindowFocus: 'always', staleTime: 2000 } as const;

export const useQueues = () =>
  useQuery({ queryKey: ['queues'], queryFn: ({ signal }) => unwrap(http.GET('/api/queues', { signal })), ...POLLED });

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
