import type { SlaExplanation, Task } from './types';

export type PointKind = 'start' | 'response' | 'warning' | 'critical' | 'deadline' | 'breach' | 'done' | 'step';

/** An instant of the timeline. */
export interface Point {
  kind: PointKind;
  at: number;
  label: string;
  /** Whether it has come. */
  past: boolean;
}

/** A stretch between two of them. */
export interface Span {
  level: 'ok' | 'warning' | 'critical' | 'late' | 'paused';
  from: number;
  to: number;
}

export interface Timeline {
  from: number;
  to: number;
  points: Point[];
  spans: Span[];
  pauses: Span[];
  /** When the work ended, or null. */
  end: number | null;
}

const ms = (instant: string | null | undefined) => (instant ? Date.parse(instant) : undefined);

/** What is drawn of a task's deadline. */
export function timelineOf(sla: SlaExplanation, task: Task, now: number): Timeline {
  const start = Date.parse(sla.anchor);
  const deadline = ms(sla.deadline);
  const end = ms(task.completion_date) ?? null;
  const until = end ?? now;
  const points: Point[] = [{ kind: 'start', at: start, label: sla.anchor_is === 'received_at' ? 'Received' : 'Created', past: true }];
  const add = (kind: PointKind, at: number | undefined, label: string) => {
    if (at !== undefined) points.push({ kind, at, label, past: at <= until });
  };
  const answered = ms(sla.first_response_at);
  add('response', answered, 'First response');
  if (answered === undefined) add('response', ms(sla.first_response_due), 'First response due');
  add('warning', ms(sla.warning_at), 'Warning');
  add('critical', ms(sla.critical_at), 'Critical');
  add('deadline', deadline, 'Deadline');
  for (const step of sla.escalations) add('step', Date.parse(step.done_at ?? step.at), stepLabel(step));
  add('breach', ms(task.sla_violated_at), 'Violation found');
  add('done', end ?? undefined, 'Completed');
  points.sort((a, b) => a.at - b.at);

  const last = Math.max(start + 60_000, until, ...points.map(({ at }) => at));
  const room = (last - start) * 0.04;
  const levels: [Span['level'], number | undefined][] = [
    ['ok', start],
    ['warning', ms(sla.warning_at)],
    ['critical', ms(sla.critical_at)],
    ['late', deadline],
  ];
  const known = levels.filter((level): level is [Span['level'], number] => level[1] !== undefined);
  const spans = known
    .map(([level, from], at) => ({ level, from, to: known[at + 1]?.[1] ?? (deadline === undefined || until > deadline ? until : deadline) }))
    .filter(({ from, to }) => to > from);
  const pauses = sla.pauses.map(({ from, to }) => ({ level: 'paused' as const, from: Date.parse(from), to: ms(to) ?? now }));
  return { from: start - room, to: last + room, points, spans, pauses, end };
}

function stepLabel({ action, to }: SlaExplanation['escalations'][number]): string {
  if (action === 'notify') return `Tell ${to ?? 'somebody'}`;
  if (action === 'reassign') return `Goes to ${to ?? 'somebody else'}`;
  return 'Priority raised';
}

/** Where each label goes: the row in which it does not touch the one before. */
export function rowsOf(centres: readonly number[], widths: readonly number[], rows: number): number[] {
  const ends: number[] = Array.from({ length: rows }, () => Number.NEGATIVE_INFINITY);
  return centres.map((centre, at) => {
    const left = centre - widths[at]! / 2;
    const free = ends.findIndex((end) => end + 8 <= left);
    if (free >= 0) ends[free] = centre + widths[at]! / 2;
    return free;
  });
}
