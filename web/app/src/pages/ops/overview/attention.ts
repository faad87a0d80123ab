import type { components } from '@workflow-intelligence/client';
import { count, duration, percent } from '../../../data/format';
import { jobsLink } from '../common/filters';
import { sum, type Sample } from '../common/history';
import type { Queue } from '../common/jobs';

type Schemas = components['schemas'];

export interface Concern {
  key: string;
  tone: 'red' | 'yellow';
  /** What is wrong. */
  text: string;
  /** What it comes to. */
  detail?: string;
  to: string;
  /** What the link offers. */
  link: string;
}

/** Seconds that a job that may run should not wait. */
export const LONG = 60;
/** Part of the attempts that fail which is too much. */
const MANY = 0.1;

interface Seen {
  queues: readonly Queue[] | undefined;
  workers: readonly Schemas['Worker'][] | undefined;
  schedules: readonly Schemas['Schedule'][] | undefined;
  database: Schemas['Database'] | undefined;
}

/** What somebody should look at, the worst first. */
export function concerns({ queues = [], workers, schedules = [], database }: Seen): Concern[] {
  const found: Concern[] = [];
  const add = (concern: Concern) => found.push(concern);

  if (workers?.every((worker) => !worker.alive)) add({ key: 'workers', tone: 'red', text: 'No worker is alive', detail: 'Jobs are accepted, but none runs.', to: '/ops/workers', link: 'Workers' });
  const silent = workers?.filter((worker) => !worker.alive) ?? [];
  if (silent.length > 0 && silent.length < (workers?.length ?? 0)) {
    add({ key: 'silent', tone: 'red', text: `${count(silent.length, 'worker')} went silent`, detail: silent.map((worker) => worker.host).join(', '), to: '/ops/workers', link: 'Workers' });
  }
  for (const queue of queues) {
    const { name, depth } = queue;
    const waiting = depth.available + depth.pending;
    const to = `/ops/queues?queue=${encodeURIComponent(name)}`;
    if (queue.paused) {
      const detail = [queue.reason && `“${queue.reason}”`, queue.paused_by && `by ${queue.paused_by}`, `${count(waiting, 'job')} waiting`].filter(Boolean).join(' · ');
      add({ key: `paused-${name}`, tone: 'yellow', text: `The queue ${name} is paused`, detail, to, link: 'Resume it' });
    } else if ((queue.oldest_available_seconds ?? 0) >= LONG) {
      add({
        key: `slow-${name}`,
        tone: 'red',
        text: `A job on ${name} has been waiting for ${duration(queue.oldest_available_seconds! * 1000)}`,
        detail: `${count(depth.available, 'job')} may run, ${count(depth.running, 'job')} run`,
        to: jobsLink({ queue: [name], state: ['available'] }),
        link: 'See what waits',
      });
    }
    if (queue.workers === 0 && waiting > 0 && !workers?.every((worker) => !worker.alive)) add({ key: `unserved-${name}`, tone: 'red', text: `No worker takes the queue ${name}`, detail: `${count(waiting, 'job')} waiting`, to: '/ops/workers', link: 'Workers' });
    if ((queue.failure_rate ?? 0) >= MANY) {
      add({
        key: `failing-${name}`,
        tone: 'red',
        text: `${percent(Math.round(queue.failure_rate! * 1000) / 10)} of attempts on ${name} fail`,
        detail: 'In the last five minutes',
        to: jobsLink({ queue: [name], state: ['retryable', 'discarded'] }),
        link: 'See which',
      });
    }
  }
  const discarded = sum(queues, (queue) => queue.depth.discarded);
  if (discarded > 0) add({ key: 'discarded', tone: 'yellow', text: `${count(discarded, 'job')} failed for good`, detail: queues.filter((queue) => queue.depth.discarded > 0).map((queue) => `${queue.name} ${queue.depth.discarded}`).join(' · '), to: '/ops/errors', link: 'By error' });
  const paused = schedules.filter((schedule) => schedule.paused);
  if (paused.length > 0) add({ key: 'schedules', tone: 'yellow', text: `${count(paused.length, 'schedule')} ${paused.length === 1 ? 'is' : 'are'} paused`, detail: paused.map((schedule) => schedule.name).join(', '), to: '/ops/schedules', link: 'Schedules' });
  for (const warning of database?.warnings ?? []) add({ key: warning, tone: 'yellow', text: warning, to: '/ops/database', link: 'Database' });
  return found.sort((a, b) => Number(a.tone !== 'red') - Number(b.tone !== 'red'));
}

/** Jobs of the queue that waited, at each of the last samples. */
export function backlog(samples: readonly Sample[], name: string): number[] {
  return samples.slice(-60).map(({ queues }) => {
    const queue = queues.find((each) => each.name === name);
    return queue ? queue.depth.available + queue.depth.pending : 0;
  });
}
