import {
  keepPreviousData,
  queryOptions,
  useQueries,
  useQuery,
  useQueryClient,
  type QueryClient,
} from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { http, unwrap } from '../../data/http';
import type { Problem } from '../../data/problem';
import { filterParams, queryParams, readQuery, type ListQuery, type TaskRow } from './filters';
import { noteSeen } from './people';

/** Rows a request. */
export const PAGE = 100;
/** Pages that are kept around what is shown; what is further away is forgotten. */
const KEPT = 10;
/** Milliseconds a jump has to rest before its rows are fetched: nobody reads what flies past. */
const REST = 90;
/** Rows beyond which browsers cannot scroll exactly. */
const MOST = 300_000;

/** Some rows of a list, as fetched. Its shape has `tasks`, which events change in place. */
export interface RowsPage {
  tasks: TaskRow[];
  total: number | null;
  next: string | null;
  /** The list's address: what is shown may be the list before while another one is fetched. */
  list: string;
  at: number;
}

const keyOf = (list: string, index: number) => ['tasks', 'rows', list, index] as const;

/** `list` is the address of a list, in the form of `queryParams`. */
function pageOptions(list: string, index: number, refreshed: { current: number }) {
  const query = readQuery(new URLSearchParams(list));
  return queryOptions({
    queryKey: keyOf(list, index),
    queryFn: async ({ signal, client }): Promise<RowsPage> => {
      // After the page before, so that no row is left out; a jump goes by number. What is older than a refresh is no
      // longer where it was.
      const before = index > 0 ? client.getQueryData<RowsPage>(keyOf(list, index - 1)) : undefined;
      const cursor = before && before.at >= refreshed.current ? before.next : undefined;
      const where = cursor ? { cursor } : { page: index + 1 };
      const { filter, sort, direction } = query;
      const { tasks, pagination } = await unwrap(
        http.GET('/api/workflow/list', { params: { query: { ...filter, sort, direction, limit: PAGE, ...where } }, signal }),
      );
      return { tasks, total: pagination.total, next: pagination.next_cursor, list, at: Date.now() };
    },
    staleTime: Infinity,
    gcTime: 60_000,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    // Rows change where they are; what is new is announced instead of moving what somebody reads.
    meta: { live: 'patch' },
  });
}

export interface TaskRows {
  /** The address of the list that is shown. */
  list: string;
  query: ListQuery;
  /** Rows that can be scrolled to. */
  count: number;
  /** Rows that match. */
  total: number;
  pending: boolean;
  /** Another list is on its way. */
  switching: boolean;
  error: Problem | null;
  /** Some rows could not be fetched. */
  failed: boolean;
  at: (index: number) => TaskRow | undefined;
  loaded: () => TaskRow[];
  /** Tells which rows are looked at. */
  look: (first: number, last: number) => void;
  refresh: () => Promise<void>;
  retry: () => void;
}

/** The rows of a list, fetched where somebody looks. */
export function useTaskRows(query: ListQuery): TaskRows {
  const queries = useQueryClient();
  const refreshed = useRef(0);
  const wanted = queryParams(query).toString();
  const first = useQuery({ ...pageOptions(wanted, 0, refreshed), placeholderData: keepPreviousData });
  const list = first.data?.list ?? wanted;
  const [pages, setPages] = useState<readonly number[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const rest = useQueries({
    queries: pages.filter((index) => index > 0).map((index) => pageOptions(list, index, refreshed)),
  });
  const byIndex = new Map<number, RowsPage>();
  if (first.data) byIndex.set(0, first.data);
  pages
    .filter((index) => index > 0)
    .forEach((index, at) => {
      const data = rest[at]?.data;
      if (data) byIndex.set(index, data);
    });

  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => setPages([]), [list]);
  useEffect(() => {
    for (const page of byIndex.values()) noteSeen(page.tasks);
    forget(queries, list, pages);
    // Only what is new to this page matters, and that changes with the fetches.
  }, [queries, list, pages, rest.length, first.dataUpdatedAt]);

  const look = useCallback((from: number, to: number) => {
    const next = spread(Math.max(0, from - 20), to + 20);
    clearTimeout(timer.current);
    const take = () => setPages((old) => (old.length === next.length && old.every((page, at) => page === next[at]) ? old : next));
    // The next page is fetched ahead; a jump waits until it is over.
    setPages((old) => {
      const near = old.length === 0 || next.some((page) => old.includes(page));
      if (near) return old.length === next.length && old.every((page, at) => page === next[at]) ? old : next;
      timer.current = setTimeout(take, REST);
      return old;
    });
  }, []);

  const refresh = useCallback(async () => {
    refreshed.current = Date.now();
    queries.removeQueries({ queryKey: ['tasks', 'rows'], type: 'inactive' });
    await queries.invalidateQueries({ queryKey: ['tasks', 'rows', list], refetchType: 'active' });
  }, [queries, list]);

  const shown = readQuery(new URLSearchParams(list));
  const matching = first.data?.total ?? 0;
  const total = shown.most === undefined ? matching : Math.min(matching, shown.most);
  return {
    list,
    query: shown,
    count: Math.min(total, MOST),
    total,
    pending: first.isPending,
    switching: first.isPlaceholderData,
    error: first.data ? null : first.error,
    failed: rest.some((page) => page.isError) || (first.isError && first.data !== undefined),
    at: (index) => byIndex.get(Math.floor(index / PAGE))?.tasks[index % PAGE],
    loaded: () => [...byIndex.values()].flatMap((page) => page.tasks),
    look,
    refresh,
    retry: () => {
      if (first.isError) void first.refetch();
      for (const page of rest) if (page.isError) void page.refetch();
    },
  };
}

/** Pages that have the rows of a range. */
export function spread(from: number, to: number): number[] {
  const pages = [];
  for (let page = Math.floor(from / PAGE); page <= Math.floor(to / PAGE); page++) pages.push(page);
  return pages;
}

function forget(queries: QueryClient, list: string, shown: readonly number[]): void {
  const [low = 0, high = 0] = [shown[0], shown.at(-1)];
  queries.removeQueries({
    queryKey: ['tasks', 'rows'],
    type: 'inactive',
    predicate: ({ queryKey }) => {
      const index = Number(queryKey[3]);
      return queryKey[2] !== list ? index > 0 : index < low - KEPT || index > high + KEPT;
    },
  });
}

/** Changes a row wherever it was fetched. */
export function setRow(queries: QueryClient, id: string, change: (row: TaskRow) => TaskRow): void {
  queries.setQueriesData<RowsPage>({ queryKey: ['tasks', 'rows'] }, (page) => {
    const at = page?.tasks.findIndex((row) => row.task_id === id) ?? -1;
    if (!page || at < 0) return page;
    return { ...page, tasks: page.tasks.with(at, change(page.tasks[at]!)) };
  });
}

/** Where the list begins now, and how long it is. */
export async function askHead({ filter, sort, direction, most }: ListQuery): Promise<{ total: number; first: string | undefined }> {
  const { tasks, pagination } = await unwrap(
    http.GET('/api/workflow/list', { params: { query: { ...filter, sort, direction, limit: 1, page: 1 } } }),
  );
  const total = pagination.total ?? 0;
  return { total: most === undefined ? total : Math.min(total, most), first: tasks[0]?.task_id };
}

/** Address of the same list as a file. */
export function exportAddress(format: 'csv' | 'ndjson', query: ListQuery): string {
  const params = filterParams(query.filter);
  params.set('sort', query.sort);
  params.set('direction', query.direction);
  return `/api/workflow/export.${format}?${params}`;
}
