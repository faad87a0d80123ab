import { expect, it } from 'vitest';
import type { Queue } from '../common/jobs';
import { concerns } from './attention';

const queue = (change: Partial<Queue>): Queue =>
  ({
    name: 'email',
    paused: false,
    depth: { available: 0, scheduled: 0, pending: 0, running: 0, retryable: 0, discarded: 0 },
    oldest_available_seconds: null,
    completed_per_minute: 0,
    failure_rate: null,
    workers: 1,
    ...change,
  }) as unknown as Queue;
const worker = { alive: true, host: 'a' } as never;
const seen = (queues: Queue[], workers = [worker]) => concerns({ queues, workers, schedules: [], database: undefined });
const depth = { available: 3, scheduled: 0, pending: 0, running: 0, retryable: 0, discarded: 2 };

it('is quiet when all is well', () => expect(seen([queue({ failure_rate: 0.02, oldest_available_seconds: 2 })])).toEqual([]));
it('tells of a paused queue once, though its jobs wait', () =>
  expect(seen([queue({ paused: true, oldest_available_seconds: 900 })]).map(({ key }) => key)).toEqual(['paused-email']));
it('puts the worst first', () => expect(seen([queue({ depth, oldest_available_seconds: 90 })]).map(({ key }) => key)).toEqual(['slow-email', 'discarded']));
it('says once that nobody works', () => expect(seen([queue({ depth, workers: 0 })], []).map(({ key }) => key)).toEqual(['workers', 'discarded']));
it('knows nothing before the workers are known', () => expect(concerns({ queues: undefined, workers: undefined, schedules: undefined, database: undefined })).toEqual([]));
