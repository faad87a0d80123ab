import type { Job } from './jobs';

/** The value below which this part of the sorted values lies: the nearest rank. */
export function percentile(sorted: readonly number[], part: number): number | null {
  if (sorted.length === 0) return null;
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? null;
}

export interface Timing {
  kind: string;
  queue: string;
  jobs: number;
  /** Milliseconds from the time it might run to the start of its first attempt. */
  wait: readonly (number | null)[];
  /** Milliseconds of an attempt. */
  run: readonly (number | null)[];
}

export const PARTS = [0.5, 0.95, 0.99] as const;

/** Wait and run times by kind; the kind that ran longest first. */
export function timings(jobs: readonly Job[]): Timing[] {
  const kinds = new Map<string, { queue: string; jobs: number; wait: number[]; run: number[] }>();
  for (const job of jobs) {
    const kind = kinds.get(job.kind) ?? { queue: job.queue, jobs: 0, wait: [], run: [] };
    kinds.set(job.kind, kind);
    kind.jobs += 1;
    for (const attempt of job.attempts) {
      if (!attempt.started_at || !attempt.finished_at) continue;
      kind.run.push(Date.parse(attempt.finished_at) - Date.parse(attempt.started_at));
    }
    // A later attempt's run_at is the retry's, and what it waited for is the pause between them.
    const [first] = job.attempts;
    if (job.attempts.length === 1 && first?.started_at) kind.wait.push(Math.max(0, Date.parse(first.started_at) - Date.parse(job.run_at)));
  }
  return [...kinds]
    .map(([kind, { queue, jobs: count, wait, run }]) => {
      wait.sort((a, b) => a - b);
      run.sort((a, b) => a - b);
      return { kind, queue, jobs: count, wait: PARTS.map((part) => percentile(wait, part)), run: PARTS.map((part) => percentile(run, part)) };
    })
    .sort((a, b) => (b.run[1] ?? 0) - (a.run[1] ?? 0));
}
