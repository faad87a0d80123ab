import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { http, unwrap } from '../../../data/http';
import { useServerEvent } from '../../../data/live';
import { Problem } from '../../../data/problem';
import { STATES, type Job, type JobFilter, type JobState } from '../common/jobs';
import { PERIOD } from '../common/queries';

const PAGE = 50;

interface JobPage {
  jobs: Job[];
  next_cursor?: string | null;
}

const listKey = (filter: JobFilter) => ['jobs', 'list', filter] as const;

/** The jobs that match, newest first. */
export function useJobList(filter: JobFilter) {
  return useInfiniteQuery({
    queryKey: listKey(filter),
    queryFn: ({ pageParam, signal }) => {
      const { ids: _, ...query } = filter;
      return unwrap(http.GET('/api/jobs', { params: { query: { ...query, limit: PAGE, ...(pageParam && { cursor: Number(pageParam) }) } }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: 'always',
  });
}

export type Counts = Partial<Record<JobState, number>>;

/** The states a queue's depth tells of. */
const IN_DEPTH = ['available', 'scheduled', 'pending', 'running', 'retryable', 'discarded'] as const;

/** How many jobs are in each state, whatever state is looked at: from the depth of the queues as far as that goes. */
export function useJobCounts(filter: JobFilter, live: boolean) {
  const { state: _, ...rest } = filter;
  return useQuery({
    queryKey: ['jobs', 'counts', rest],
    queryFn: async ({ signal }): Promise<Counts> => {
      const counted = async (state: JobState): Promise<Counts> => ({ [state]: await matching({ ...rest, state: [state] }, signal) });
      const onlyQueues = Object.keys(rest).every((key) => key === 'queue');
      if (!onlyQueues) return Object.assign({}, ...(await Promise.all(STATES.map(counted)))) as Counts;
      const [{ queues }, completed, cancelled] = await Promise.all([
        unwrap(http.GET('/api/queues', { signal })),
        counted('completed'),
        counted('cancelled'),
      ]);
      const meant = rest.queue ? queues.filter((queue) => rest.queue?.includes(queue.name)) : queues;
      const depths = IN_DEPTH.map((state) => [state, meant.reduce((total, queue) => total + queue.depth[state], 0)]);
      return { ...Object.fromEntries(depths), ...completed, ...cancelled } as Counts;
    },
    placeholderData: keepPreviousData,
    refetchInterval: live ? PERIOD : false,
  });
}

/** A preview counts what it would be done to, which is all that match. */
async function matching(filter: JobFilter, signal: AbortSignal): Promise<number> {
  const answer = await unwrap(http.POST('/api/jobs/bulk', { body: { action: 'cancel', dry_run: true, filter }, signal }));
  if (!('sample' in answer)) throw new Problem(-1, { detail: 'The server did not answer with a count.' });
  return answer.matched;
}

/** Milliseconds within which changes become one look at the list. */
const GATHER = 1500;
/** Pages up to which the list is fetched again; beyond, only its rows are changed. */
const FEW_PAGES = 3;

/** Keeps the list in step with what happens to jobs, for as long as it is there. */
export function JobChanges({ filter }: { filter: JobFilter }) {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useServerEvent('workflow:job:changed', ({ jobId, state, progress }) => {
    const key = listKey(filter);
    let pages = 0;
    queries.setQueryData(key, (old: InfiniteData<JobPage> | undefined) => {
      pages = old?.pages.length ?? 0;
      return old && patched(old, jobId, { state, progress });
    });
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      if (document.visibilityState === 'hidden') return;
      if (pages <= FEW_PAGES) void queries.invalidateQueries({ queryKey: key });
    }, GATHER);
  });
  // Whoever stops the list stops what is about to change it too.
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  return null;
}

/** The pages with the job as it is now; the same ones if it is in none. */
export function patched<P extends { pages: JobPage[] }>(data: P, id: string, change: Pick<Job, 'state' | 'progress'>): P {
  const at = data.pages.findIndex((page) => page.jobs.some((job) => job.id === id));
  const page = data.pages[at];
  if (!page) return data;
  const waits = !['available', 'scheduled', 'pending', 'retryable'].includes(change.state);
  const jobs = page.jobs.map((job) => (job.id === id ? { ...job, ...change, ...(waits && { waiting_for: null }) } : job));
  return { ...data, pages: data.pages.with(at, { ...page, jobs }) };
}
