import type { components } from '@workflow-intelligence/client';
import { most, sum, type Sample } from './history';

export type Past = components['schemas']['QueueHistory'];
type Point = Past['points'][number];

/** How far the charts go back, by what the address says. */
export const RANGES = {
  '1h': { label: '1 h', words: 'the last hour', seconds: 3600 },
  '6h': { label: '6 h', words: 'the last 6 hours', seconds: 6 * 3600 },
  '24h': { label: '24 h', words: 'the last 24 hours', seconds: 24 * 3600 },
  '7d': { label: '7 d', words: 'the last 7 days', seconds: 7 * 24 * 3600 },
} as const;
export type Range = keyof typeof RANGES;

export const isRange = (text: string | null): text is Range => text !== null && Object.hasOwn(RANGES, text);

/** Seconds after its end in which a minute is written, at the latest. */
const WRITTEN = 60;

type Line = (number | null)[];

export interface Timeline {
  /** Seconds since 1970. */
  times: number[];
  waiting: Line;
  running: Line;
  retryable: Line;
  /** Seconds; 0 where no job waited. */
  oldest: Line;
  /** In a minute. */
  completed: Line;
  failed: Line;
  /** Percent of the attempts. */
  failing: Line;
  /** Milliseconds. */
  wait: Percentiles;
  run: Percentiles;
  /** The moment at the end that is as it is now. */
  live?: number;
}

type Percentiles = Record<'p50' | 'p95' | 'p99', Line>;

/** What is known from `since` to `until`, a time for each step; null where nothing is. The page's last look comes after it. */
export function timeline({ step_seconds: step, points }: Past, since: number, until: number, live: Sample | undefined, queue: string | null): Timeline {
  const known = new Map(points.map((point) => [Date.parse(point.at) / 1000, point]));
  const newest = Math.max(...known.keys());
  const times: number[] = [];
  for (let at = Math.floor(since / step) * step; at <= newest || at + step + WRITTEN <= until; at += step) times.push(at);
  const of = (value: (point: Point) => number | null | undefined): Line => times.map((at) => value(known.get(at) ?? NOTHING) ?? null);
  const part = (which: 'wait_ms' | 'run_ms'): Percentiles => ({ p50: of((point) => point[which].p50), p95: of((point) => point[which].p95), p99: of((point) => point[which].p99) });
  const line: Timeline = {
    times,
    waiting: of(({ depth }) => depth && depth.available + depth.pending),
    running: of(({ depth }) => depth?.running),
    retryable: of(({ depth }) => depth?.retryable),
    oldest: of(({ depth, oldest_available_seconds: oldest }) => depth && (oldest ?? 0)),
    completed: of(({ completed, minutes }) => (minutes > 0 ? completed / minutes : null)),
    failed: of(({ failed, minutes }) => (minutes > 0 ? failed / minutes : null)),
    failing: of(({ failure_rate: rate }) => rate && rate * 100),
    wait: part('wait_ms'),
    run: part('run_ms'),
  };
  return live && live.at > (times.at(-1) ?? 0) ? withNow(line, live, queue) : line;
}

/** A step of which nothing is known. */
const NOTHING: Point = {
  at: '',
  queue: null,
  minutes: 0,
  depth: null,
  oldest_available_seconds: null,
  completed: 0,
  failed: 0,
  discarded: 0,
  failure_rate: null,
  wait_ms: { p50: null, p95: null, p99: null },
  run_ms: { p50: null, p95: null, p99: null },
};

/** The look adds what it tells of the same measure: it knows the failures of five minutes, and no times. */
function withNow(line: Timeline, { at, queues }: Sample, name: string | null): Timeline {
  const meant = name ? queues.filter((queue) => queue.name === name) : queues;
  const none = ({ p50, p95, p99 }: Percentiles): Percentiles => ({ p50: [...p50, null], p95: [...p95, null], p99: [...p99, null] });
  return {
    times: [...line.times, at],
    waiting: [...line.waiting, sum(meant, ({ depth }) => depth.available + depth.pending)],
    running: [...line.running, sum(meant, ({ depth }) => depth.running)],
    retryable: [...line.retryable, sum(meant, ({ depth }) => depth.retryable)],
    oldest: [...line.oldest, most(meant, (queue) => queue.oldest_available_seconds) ?? 0],
    completed: [...line.completed, sum(meant, (queue) => queue.completed_per_minute)],
    failed: [...line.failed, null],
    failing: [...line.failing, null],
    wait: none(line.wait),
    run: none(line.run),
    live: at,
  };
}
