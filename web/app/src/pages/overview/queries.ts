import { keepPreviousData, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNow } from '../../data/clock';
import { http, unwrap } from '../../data/http';
import { useServerEvent } from '../../data/live';
import { Problem } from '../../data/problem';
import { instants, keptSince, LEAST_PAST, linksOf, periodStart, type Links, type Metrics, type Period } from './figures';

/** The figures and where their tasks are; a past has none, as lists show tasks as they are. */
export type Figures = Omit<Metrics, 'links'> & { lists?: Links | undefined };

/** Longest that rows wait for a clock that has gone on without an event, in milliseconds. */
const MINUTE = 60_000;

const iso = (instant: number) => new Date(instant).toISOString();

/** The figures of now, which events keep up to date, or those of an instant. */
export function useFigures(asOf: number | undefined) {
  const queries = useQueryClient();
  // The frame has the figures; the instants in the links are those of the answer.
  useServerEvent('workflow:metrics:updated', () => void queries.invalidateQueries({ queryKey: ['metrics', 'now'] }));
  const now = useQuery({
    queryKey: ['metrics', 'now', 'linked'],
    enabled: asOf === undefined,
    queryFn: async ({ signal }): Promise<Figures> => {
      const { links, ...answer } = await unwrap(http.GET('/api/workflow/metrics', { params: { query: { links: true } }, signal }));
      return { ...answer, lists: linksOf({ ...answer, ...(links && { links }) }) };
    },
  });
  const then = useQuery({
    queryKey: ['metrics', 'as-of', asOf],
    enabled: asOf !== undefined,
    staleTime: 'static',
    placeholderData: keepPreviousData,
    queryFn: ({ signal }): Promise<Figures> => figuresAt(asOf ?? 0, signal),
  });
  return asOf === undefined ? now : then;
}

function figuresAt(instant: number, signal: AbortSignal): Promise<Metrics> {
  return unwrap(http.GET('/api/workflow/metrics', { params: { query: { as_of: iso(instant) } }, signal }));
}

const REMEMBERED = 'overview-past';

/** From when on the past is kept, as this browser was told before. */
function rememberedPast(): number {
  return Number(localStorage.getItem(REMEMBERED)) || 0;
}

function rememberPast(since: number): void {
  localStorage.setItem(REMEMBERED, String(since));
}

/** When the oldest task that is there was made. */
async function oldestTask(signal: AbortSignal): Promise<number | undefined> {
  const query = { sort: 'created_at', direction: 'asc', limit: 1 } as const;
  const { tasks } = await unwrap(http.GET('/api/workflow/list', { params: { query }, signal }));
  // To the next whole second, when it was there.
  return tasks[0] && Math.ceil(Date.parse(tasks[0].created_at) / 1000) * 1000;
}

/** When this installation began, if all of its events are still kept. Tasks that were imported are older. */
async function beginning(signal: AbortSignal): Promise<number> {
  const { events } = await unwrap(http.GET('/api/workflow/events', { params: { query: { after: 0, limit: 1 } }, signal }));
  const [first] = events;
  return first?.id === '1' ? Math.ceil(Date.parse(first.timestamp) / 1000) * 1000 : 0;
}

export interface Past {
  /** The figures of when the period began; absent while they load, and if nothing is kept from then. */
  before: Metrics | undefined;
  /** When that was. */
  since: number | undefined;
  /** When what is kept begins, if the period is longer. */
  keptFrom: number | undefined;
  /** Those of the instants in between, oldest first. */
  points: readonly Metrics[];
  pending: boolean;
}

/** What the figures are compared with: those of a period ago, or of as long ago as is kept. */
export function usePast(period: Period, asOf: number | undefined): Past {
  const hour = useNow(3600);
  const now = asOf ?? hour;
  const start = periodStart(period, now);
  const queries = useQueryClient();
  const kept = useQuery({
    queryKey: ['metrics', 'kept', start],
    staleTime: 'static',
    queryFn: async ({ signal }): Promise<{ from: number | null }> => {
      // Asking for more than there is would be a refusal, which the console complains about: so the oldest first.
      const [task = now, begun] = await Promise.all([oldestTask(signal), beginning(signal)]);
      const from = Math.max(start, task, begun, rememberedPast());
      if (now - from < LEAST_PAST) return { from };
      try {
        queries.setQueryData(['metrics', 'as-of', from], await figuresAt(from, signal));
        return { from: from > start ? from : null };
      } catch (cause) {
        const since = cause instanceof Problem && cause.status === 422 ? keptSince(cause.message) : undefined;
        if (since === undefined) throw cause;
        rememberPast(since);
        return { from: since };
      }
    },
  });
  const keptFrom = kept.data?.from ?? undefined;
  const wanted = kept.data ? instants(period, now, keptFrom) : [];
  const answers = useQueries({
    queries: wanted.map((instant) => ({
      queryKey: ['metrics', 'as-of', instant] as const,
      staleTime: 'static' as const,
      queryFn: ({ signal }: { signal: AbortSignal }) => figuresAt(instant, signal),
    })),
  });
  const points = answers.flatMap(({ data }) => (data ? [data] : []));
  const complete = points.length === wanted.length;
  return {
    before: answers[0]?.data,
    since: wanted[0],
    keptFrom,
    points: complete ? points : [],
    pending: kept.isPending || (wanted.length > 0 && answers[0]?.isPending === true),
  };
}

/** The series of a period, in the viewer's zone. */
export function useAnalytics(period: Period) {
  const tz = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return useQuery({
    queryKey: ['analytics', period, tz],
    placeholderData: keepPreviousData,
    refetchInterval: 5 * MINUTE,
    queryFn: ({ signal }) => unwrap(http.GET('/api/workflow/analytics', { params: { query: { period, tz, links: true } }, signal })),
  });
}

/** Open tasks past their deadline, the most valuable first. */
export function useOverdue(limit: number) {
  const now = useNow(60);
  return useQuery({
    queryKey: ['tasks', 'overdue', limit],
    refetchInterval: MINUTE,
    queryFn: ({ signal }) =>
      unwrap(
        http.GET('/api/workflow/list', {
          params: { query: { open: true, due_to: iso(now), sort: 'dollar_value', direction: 'desc', limit } },
          signal,
        }),
      ),
  });
}

/** Open tasks whose deadline is to come, the next first. */
export function useNext(limit: number) {
  const now = useNow(60);
  return useQuery({
    queryKey: ['tasks', 'next', limit],
    refetchInterval: MINUTE,
    queryFn: ({ signal }) =>
      unwrap(
        http.GET('/api/workflow/list', {
          params: { query: { open: true, due_from: iso(now), sort: 'sla_deadline', direction: 'asc', limit } },
          signal,
        }),
      ),
  });
}

/** Open tasks within their deadline by expected dollars at risk, and what is to be expected of the next days. */
export function useForecast() {
  return useQuery({
    queryKey: ['forecast', 'next'],
    refetchInterval: MINUTE,
    queryFn: ({ signal }) => unwrap(http.GET('/api/forecast', { params: { query: { breached: false, limit: 200 } }, signal })),
  });
}

/** What is to be expected of one task, when somebody asks. */
export function useTaskForecast(taskId: string) {
  return useQuery({
    queryKey: ['forecast', 'task', taskId],
    queryFn: ({ signal }) => unwrap(http.GET('/api/forecast/{task_id}', { params: { path: { task_id: taskId } }, signal })),
  });
}

/** How good the forecasts are. */
export function useModel() {
  return useQuery({
    queryKey: ['forecast', 'model'],
    queryFn: ({ signal }) => unwrap(http.GET('/api/forecast/model', { signal })),
  });
}
