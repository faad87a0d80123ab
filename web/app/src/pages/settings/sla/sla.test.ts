import { describe, expect, it } from 'vitest';
import { moved, withCalendar, withPolicy, type Book, type Policy, type Preview } from './book';
import { toDraft, toPolicy } from './draft';
import { segments } from './segments';
import { actionInWords, conditionsInWords, targetInWords, thresholdInWords } from './words';

const FULL: Policy = {
  name: 'Large orders',
  when: { categories: ['Order Management'], priorities: ['CRITICAL', 'HIGH'], customers: ['Contoso, Inc.'], min_value: 0, max_value: 1_000_000 },
  resolution_hours: { CRITICAL: 2, HIGH: 4, MEDIUM: 8, NORMAL: 16 },
  first_response_hours: 1,
  calendar: 'office',
  warning: { percent: 50 },
  critical: { hours: 1.5 },
  pause_while_waiting_on_customer: true,
  escalations: [
    { hours: -2, action: 'notify', to: 'Desk lead' },
    { hours: 0, action: 'raise_priority' },
    { hours: 4, action: 'reassign', to: 'Head of sales' },
  ],
};

describe('drafts', () => {
  it('a policy comes back as it was', () => {
    expect(toPolicy(toDraft(FULL))).toEqual(FULL);
    expect(toPolicy(toDraft({ name: 'a', resolution_hours: 8 }))).toEqual({ name: 'a', resolution_hours: 8 });
  });
});

describe('books', () => {
  const book: Book = { calendars: { office: { zone: 'UTC', week: {} } }, policies: [FULL, { name: 'default', resolution_hours: 8 }] };

  it('a further policy comes before the default', () => {
    const { book: next, at } = withPolicy(book, null, { name: 'b', resolution_hours: 1 });
    expect(at).toBe(1);
    expect(next.policies?.map(({ name }) => name)).toEqual(['Large orders', 'b', 'default']);
  });

  it('policies follow the new name of a calendar', () => {
    const next = withCalendar(book, 'office', 'desk', { zone: 'UTC', week: {} });
    expect(Object.keys(next.calendars ?? {})).toEqual(['desk']);
    expect(next.policies?.[0]?.calendar).toBe('desk');
  });

  it('moves', () => {
    expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a']);
    expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
  });
});

describe('words', () => {
  it('says conditions', () => {
    expect(conditionsInWords(FULL.when)).toEqual([
      'about Order Management',
      'priority Critical or High',
      'customer Contoso, Inc.',
      'worth $0 to $1,000,000',
    ]);
    expect(conditionsInWords(undefined)).toEqual([]);
  });

  it('says targets, levels and steps', () => {
    expect(targetInWords(FULL.resolution_hours)).toBe('2 / 4 / 8 / 16 h');
    expect(targetInWords(8)).toBe('8 h');
    expect(targetInWords({ CRITICAL: 1 })).toBe('–');
    expect(thresholdInWords({ percent: 50 })).toBe('at 50% left');
    expect(actionInWords(FULL.escalations![0]!)).toBe('Tell Desk lead');
    expect(actionInWords(FULL.escalations![1]!)).toBe('Raise the priority');
  });
});

describe('segments', () => {
  const base: Preview = {
    policy: 'a',
    calendar: 'office',
    target_hours: 4,
    first_response_due: null,
    escalations: [],
    start: '2026-01-05T08:00:00Z',
    warning_at: '2026-01-05T10:00:00Z',
    critical_at: '2026-01-05T16:00:00Z',
    deadline: '2026-01-05T18:00:00Z',
    worked: [
      { from: '2026-01-05T08:00:00Z', to: '2026-01-05T12:00:00Z' },
      { from: '2026-01-05T16:00:00Z', to: '2026-01-05T18:00:00Z' },
    ],
  };

  it('splits what is worked where a level begins', () => {
    expect(segments(base)).toEqual([
      { from: 0, width: 20, level: 'ok' },
      { from: 20, width: 20, level: 'warning' },
      { from: 80, width: 20, level: 'critical' },
    ]);
  });

  it('has none without a deadline', () => {
    expect(segments({ ...base, deadline: null })).toEqual([]);
  });
});
