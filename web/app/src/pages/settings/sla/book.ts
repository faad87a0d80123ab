import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { components } from '@workflow-intelligence/client';
import { http, unwrap } from '../../../data/http';
import { Problem } from '../../../data/problem';

export type Book = components['schemas']['SlaBook'];
export type Policy = components['schemas']['SlaPolicy'];
export type Calendar = components['schemas']['SlaCalendar'];
export type Revision = components['schemas']['SlaRevision'];
export type Effect = components['schemas']['SlaEffect'];
export type Preview = components['schemas']['SlaPreview'];

export function useBook() {
  return useQuery({ queryKey: ['sla', 'book'], queryFn: ({ signal }) => unwrap(http.GET('/api/sla', { signal })) });
}

export function useRevisions(enabled = true) {
  return useQuery({
    queryKey: ['sla', 'revisions'],
    enabled,
    queryFn: ({ signal }) => unwrap(http.GET('/api/sla/revisions', { params: { query: { limit: 50 } }, signal })),
  });
}

/** What a book would change, and what is wrong with it; nothing is kept. */
export function useDryRun(book: Book | null) {
  return useQuery({
    queryKey: ['sla', 'dry-run', book],
    enabled: book !== null,
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => unwrap(http.PUT('/api/sla', { params: { query: { dry_run: true } }, body: { book: book! }, signal })),
  });
}

/** Puts a book in the place of the revision it was made from; 412 if that is not the newest. */
export function useSaveBook() {
  const queries = useQueryClient();
  return useMutation<components['schemas']['SlaBookChange'], Problem, { book: Book; revision: number; reason?: string | undefined }>({
    mutationFn: ({ book, revision, reason }) =>
      unwrap(http.PUT('/api/sla', { params: { header: { 'If-Match': `"${revision}"` } }, body: { book, ...(reason && { reason }) } })),
    onSuccess: ({ book, revision }) => {
      queries.setQueryData<Revision>(['sla', 'book'], (old) => old && { ...old, book, revision });
      void queries.invalidateQueries({ queryKey: ['sla'] });
    },
  });
}

/** The list with the item at `from` put to `to`. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  const [item] = next.splice(from, 1);
  if (item !== undefined) next.splice(to, 0, item);
  return next;
}

/** The book with this policy in the place of the one at `at`, or as a further one before the default. */
export function withPolicy(book: Book, at: number | null, policy: Policy): { book: Book; at: number } {
  const policies = [...(book.policies ?? [])];
  if (at !== null) policies[at] = policy;
  else {
    const last = policies.at(-1)?.name === 'default' && policy.name !== 'default' ? policies.length - 1 : policies.length;
    policies.splice(last, 0, policy);
    at = last;
  }
  return { book: { ...book, policies }, at };
}

/** The book with a calendar under a name; policies follow a new name. */
export function withCalendar(book: Book, was: string | null, name: string, calendar: Calendar): Book {
  const calendars = { ...book.calendars };
  if (was !== null) delete calendars[was];
  calendars[name] = calendar;
  const policies = (book.policies ?? []).map((policy) => (was !== null && policy.calendar === was ? { ...policy, calendar: name } : policy));
  return { ...book, calendars, policies };
}
