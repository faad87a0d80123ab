import { describe, expect, it } from 'vitest';
import { cronWords } from './cron';
import { fromLocal, toLocal } from '../../../data/local';
import { filterWords, jobsLink, readFilter } from './filters';
import { added } from './history';
import { narrow, searchOf, splitError, type Job } from './jobs';
import { percentile, timings } from './percentiles';
import { explainWaiting } from './waiting';

describe('cron in words', () => {
  it.each([
    ['* * * * *', 'Every minute'],
    ['*/15 * * * *', 'Every 15 minutes'],
    ['23 3 * * *', 'At 03:23 every day'],
    ['7 * * * *', 'Every hour at 7 past'],
    ['0 9 * * 1-5', 'At 09:00 on weekdays'],
    ['0 9,17 * * MON', 'At 09:00 and 17:00 on Mondays'],
    ['30 6 1 * *', 'At 06:30 on day 1 of the month'],
    ['*/5 8-17 * * *', 'Every 5 minutes from 08:00 to 17:59'],
    ['*/10 * * * * *', 'Every 10 seconds'],
    ['15 0 3 * * *', 'At 03:00:15 every day'],
    ['0 0 1 1 *', 'At 00:00 on day 1 of January'],
    ['0 */6 * * *', 'Every 6 hours at 0 past'],
  ])('%s is %s', (expression, said) => expect(cronWords(expression)).toBe(said));
  it.each(['', '* * *', 'every day please now ok', '1-5 2/3 4 5 6'])('%s has none', (expression) => expect(cronWords(expression)).toBeNull());
});

describe('filters', () => {
  it('go into the address and come back', () => {
    const filter = { state: ['discarded' as const, 'cancelled' as const], queue: ['email'], q: 'a & b', from: '2026-11-30T10:00:00.000Z' };
    expect(readFilter(new URL(jobsLink(filter), 'http://x').searchParams)).toEqual(filter);
  });
  it('that make no sense are left out', () => expect(readFilter(new URLSearchParams('state=gone&from=soon&q=+'))).toEqual({}));
  it('are said in words', () =>
    expect(filterWords({ state: ['discarded'], kind: ['fetch-mailbox'], error: 'refused' })).toBe('discarded, of kind fetch-mailbox, with “refused” in an error'));
  it('times are the user’s', () => expect(fromLocal(toLocal('2026-11-30T10:00:00.000Z'))).toBe('2026-11-30T10:00:00.000Z'));
});

describe('actions', () => {
  it('are narrowed to where they do something', () => {
    expect(narrow('cancel', { queue: ['email'] })?.state).not.toContain('completed');
    expect(narrow('retry', { state: ['completed'] })).toBeNull();
    expect(narrow('retry', { state: ['completed', 'discarded'] })?.state).toEqual(['discarded']);
  });
});

describe('errors', () => {
  it('have a headline', () => expect(splitError('it broke\n  at a\n  at b\n')).toEqual({ headline: 'it broke', rest: '  at a\n  at b' }));
  it('are searched by what a group has in common', () =>
    expect(searchOf('fetch-mailbox', 'fetch-mailbox: could not connect to imap.example.com:#: refused (os error #)')).toBe('could not connect to imap.example.com:'));
});

describe('waiting', () => {
  it('names the job that is earlier', () => {
    expect(explainWaiting('the queue is paused by ana').lead).toBe('');
    expect(explainWaiting('an earlier mutation of the task: job 12').parts).toEqual([{ text: 'an earlier mutation of the task: ' }, { job: '12' }]);
  });
  it('finds instants', () => {
    const { kind, parts } = explainWaiting('its time: run_at is 2026-11-30T15:26:32.772496164Z; the queue is paused by ana');
    expect(kind).toBe('paused');
    expect(parts[1]).toEqual({ at: '2026-11-30T15:26:32.772496164Z' });
  });
});

describe('percentiles', () => {
  it('are nearest ranks', () => {
    expect(percentile([], 0.5)).toBeNull();
    expect(percentile([1, 2, 3, 4], 0.5)).toBe(2);
    expect(percentile([1, 2, 3, 4], 0.99)).toBe(4);
  });
  it('tell waiting from running', () => {
    const attempt = { number: 1, started_at: '2026-01-01T00:00:02Z', finished_at: '2026-01-01T00:00:05Z' };
    const [timing] = timings([{ kind: 'a', queue: 'q', run_at: '2026-01-01T00:00:00Z', attempts: [attempt] } as unknown as Job]);
    expect([timing?.wait[0], timing?.run[0]]).toEqual([2000, 3000]);
  });
});

describe('history', () => {
  it('keeps each moment once', () => {
    const kept = added([], { at: 5, queues: [] });
    expect(added(kept, { at: 5, queues: [] })).toBe(kept);
    expect(added(kept, { at: 6, queues: [] })).toHaveLength(2);
  });
});
