import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { components } from '@workflow-intelligence/client';
import { http, unwrap } from '../../data/http';
import type { IconName, Tone } from '../../ui';

export type Batch = components['schemas']['Batch'];
export type Email = components['schemas']['Email'];
export type Outcome = Email['outcome'];

/** What the API lists at most. */
export const MOST_EMAILS = 500;
/** Milliseconds between two looks at a batch that is worked on: only its end is an event. */
const LOOK_AGAIN = 700;

export const OUTCOMES: Record<Outcome, { label: string; icon: IconName; tone: Tone }> = {
  created: { label: 'Opened a task', icon: 'plus', tone: 'green' },
  updated: { label: 'Added to a task', icon: 'edit', tone: 'blue' },
  noise: { label: 'Noise', icon: 'minus', tone: 'neutral' },
  duplicate: { label: 'Duplicate', icon: 'copy', tone: 'neutral' },
  quarantined: { label: 'Quarantined', icon: 'alert', tone: 'yellow' },
  pending: { label: 'Waiting', icon: 'clock', tone: 'neutral' },
};

export function isOutcome(value: string | null): value is Outcome {
  return value !== null && value in OUTCOMES;
}

export function isWorking({ state }: Batch): boolean {
  return state === 'pending' || state === 'processing';
}

export function useBatches() {
  return useQuery({
    queryKey: ['batches', 'list'],
    queryFn: ({ signal }) => unwrap(http.GET('/api/workflow/batches', { params: { query: { limit: 200 } }, signal })),
    refetchInterval: ({ state }) => (state.data?.batches.some(isWorking) ? 2 * LOOK_AGAIN : false),
  });
}

export function useBatch(id: string) {
  return useQuery({
    queryKey: ['batches', 'one', id],
    queryFn: ({ signal }) => unwrap(http.GET('/api/workflow/batches/{batch_id}', { params: { path: { batch_id: id } }, signal })),
    refetchInterval: ({ state }) => (state.data && isWorking(state.data) ? LOOK_AGAIN : false),
  });
}

export interface EmailFilters {
  outcome?: Outcome | undefined;
  batch_id?: string | undefined;
}

export function useEmails(filters: EmailFilters) {
  return useQuery({
    queryKey: ['emails', 'list', filters],
    queryFn: ({ signal }) =>
      unwrap(http.GET('/api/workflow/emails', { params: { query: { ...filters, limit: MOST_EMAILS } }, signal })),
    placeholderData: keepPreviousData,
  });
}

export function useEmail(id: string) {
  return useQuery({
    queryKey: ['emails', 'one', id],
    queryFn: ({ signal }) => unwrap(http.GET('/api/workflow/emails/{email_id}', { params: { path: { email_id: id } }, signal })),
  });
}

export function useMailboxNames(): string[] {
  const mailboxes = useQuery({
    queryKey: ['mailboxes', 'list'],
    queryFn: ({ signal }) => unwrap(http.GET('/api/mailboxes', { signal })),
  });
  const { data } = useBatches();
  const names = [...(mailboxes.data?.mailboxes.map(({ name }) => name) ?? []), ...(data?.batches.map(({ mailbox }) => mailbox) ?? [])];
  return [...new Set(names.filter((name): name is string => !!name))].sort();
}

/** Mails whose subject, sender, source or reason has these words; the newest first. */
export function find(emails: readonly Email[], text: string): Email[] {
  const wanted = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return emails
    .filter(({ subject, sender, source, reason, mailbox }) => {
      const all = [subject, sender, source, reason, mailbox].join(' ').toLowerCase();
      return wanted.every((word) => all.includes(word));
    })
    .toReversed();
}

/** The kinds of reasons there are, with how many mails have each; most first. Numbers and names in them do not count. */
export function reasonsOf(emails: readonly Email[]): { reason: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { reason } of emails) {
    const kind = reasonKind(reason);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count || a.reason.localeCompare(b.reason));
}

/** A reason up to its particulars: `flood` of `flood: 201 mails from …`. */
export function reasonKind(reason: string | null): string {
  if (!reason) return 'No reason given';
  return reason.split(/[:;(\d"]/)[0]!.trim() || reason;
}
