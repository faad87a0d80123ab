import { describe, expect, it } from 'vitest';
import type { Queue } from './jobs';
import { isRange, timeline, type Past } from './timeline';

const none = { p50: null, p95: null, p99: null };
const point = (at: string, change: object = {}): Past['points'][number] => ({
  at,
  queue: null,
  minutes: 1,
  depth: { available: 2, scheduled: 0, pending: 1, running: 4, retryable: 0 },
  oldest_available_seconds: null,
  completed: 6,
  failed: 2,
  discarded: 0,
  failure_rate: 0.25,
  wait_ms: { p50: 10, p95: 20, p99: 30 },
  run_ms: none,
  ...change,
});
const past = (points: Past['points'], step = 60): Past => ({ queue: null, step_seconds: step, points });
const NOON = Date.parse('2026-03-02T12:00:00Z') / 1000;
const queue = (name: string, available: number) =>
  ({ name, failure_rate: 0.5, completed_per_minute: 1, oldest_available_seconds: available || null, depth: { available, pending: 1, running: 2, retryable: 3 } }) as unknown as Queue;

describe('a timeline', () => {
  it('has a time for each step, and nothing where nothing is known', () => {
    const line = timeline(past([point('2026-03-02T12:00:00Z'), point('2026-03-02T12:02:00Z', { depth: null })]), NOON - 60, NOON + 200, undefined, null);
    expect(line.times.map((at) => at - NOON)).toEqual([-60, 0, 60, 120]);
    expect(line.waiting).toEqual([null, 3, null, null]);
    expect(line.completed).toEqual([null, 6, null, 6]);
    expect(line.failing).toEqual([null, 25, null, 25]);
    expect(line.oldest).toEqual([null, 0, null, null]);
    expect(line.wait.p95).toEqual([null, 20, null, 20]);
  });
  it('goes on empty where minutes should have been written, and waits for the one that is not yet', () => {
    const until = (seconds: number) => timeline(past([point('2026-03-02T12:00:00Z')]), NOON, NOON + seconds, undefined, null).times.length;
    expect([until(119), until(179), until(180), until(600)]).toEqual([1, 1, 2, 9]);
  });
  it('tells of a minute, whatever the step', () => {
    const line = timeline(past([point('2026-03-02T12:00:00Z', { minutes: 3, completed: 60, failed: 0, failure_rate: 0 })], 300), NOON, NOON + 200, undefined, null);
    expect([line.completed, line.failed, line.failing]).toEqual([[20], [0], [0]]);
  });
  it('ends with what the page has just seen, of the queue that is meant', () => {
    const live = { at: NOON + 100, queues: [queue('a', 5), queue('b', 0)] };
    const points = past([point('2026-03-02T12:00:00Z')]);
    const all = timeline(points, NOON, NOON + 100, live, null);
    expect([all.times.at(-1), all.live]).toEqual([NOON + 100, NOON + 100]);
    expect([all.waiting.at(-1), all.running.at(-1), all.oldest.at(-1), all.completed.at(-1), all.failing.at(-1), all.run.p50.at(-1)]).toEqual([7, 4, 5, 2, null, null]);
    expect(timeline(points, NOON, NOON + 100, live, 'b').waiting.at(-1)).toBe(1);
    expect(timeline(points, NOON, NOON + 100, { ...live, at: NOON }, null).live).toBeUndefined();
  });
  it('may be empty', () => expect(timeline(past([]), NOON, NOON + 30, undefined, null).times).toEqual([]));
});

it('only known ranges are ranges', () => expect(['1h', '7d', '2h', 'toString', null].map(isRange)).toEqual([true, true, false, false, false]));
