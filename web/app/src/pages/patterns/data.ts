import { useInfiniteQuery, keepPreviousData, type UseInfiniteQueryResult, type InfiniteData } from '@tanstack/react-query';
import type { components } from '@workflow-intelligence/client';
import { CATEGORIES, type Category } from '../../data/categories';
import { http, unwrap } from '../../data/http';
import type { Sort } from '../../ui';

export type Pattern = components['schemas']['Pattern'];
export type Finding = components['schemas']['Finding'];

export function isCategory(value: string): value is Category {
  return (CATEGORIES as readonly string[]).includes(value);
}

/** All patterns of a page are fetched, so that they can be sorted: there are some hundreds at most. */
const PAGE = 500;

export function usePatterns(category: readonly Category[], support: number) {
  return useInfiniteQuery({
    queryKey: ['patterns', 'list', category, support],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        http.GET('/api/workflow/patterns', {
          params: { query: { category: [...category], min_support: support || undefined, limit: PAGE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export type State = 'open' | 'dismissed' | 'resolved';
export type FindingKind = 'duplicate-order' | 'po-conflict';

export const STATES: readonly { value: State; label: string }[] = [
  { value: 'open', label: 'Open' },
  { value: 'dismissed', label: 'Dismissed' },
  { value: 'resolved', label: 'Resolved' },
];

export const KINDS: Record<FindingKind, string> = {
  'duplicate-order': 'Duplicate order',
  'po-conflict': 'Purchase order conflict',
};

type FindingPage = components['schemas']['FindingList'];

export function useFindings(state: State | undefined, kind: FindingKind | undefined): UseInfiniteQueryResult<InfiniteData<FindingPage>> {
  return useInfiniteQuery({
    queryKey: ['findings', 'list', state, kind],
    queryFn: ({ pageParam, signal }) =>
      unwrap(http.GET('/api/workflow/findings', { params: { query: { state, kind, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export const SORTS = ['support', 'lift', 'trend', 'total_value', 'success_rate', 'average_completion_hours', 'last_seen'] as const;
export type SortKey = (typeof SORTS)[number];

/** The patterns in an order; what is not known comes last either way. */
export function sorted(patterns: readonly Pattern[], { key, direction }: Sort): Pattern[] {
  const by = SORTS.find((sort) => sort === key) ?? 'support';
  const value = (pattern: Pattern): number | null => (by === 'last_seen' ? Date.parse(pattern.last_seen) : pattern[by]);
  return patterns.toSorted((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return (direction === 'asc' ? a - b : b - a) || one.signature.localeCompare(other.signature);
  });
}
