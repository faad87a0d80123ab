import type { Change, Task } from './types';

/** Same as far as a field can tell: lists by what is in them, instants by when they are. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b || (a ?? null) === (b ?? null)) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((value, at) => value === b[at]);
  if (typeof a === 'string' && typeof b === 'string' && /^\d{4}-\d\d-\d\dT/.test(a) && /^\d{4}-\d\d-\d\dT/.test(b)) {
    return Date.parse(a) === Date.parse(b);
  }
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

/** What a status is set to; the one that shows may be worse because of the deadline. */
const SHOWN_BY: Partial<Record<keyof Change, keyof Task>> = { task_status: 'manual_status', sla_hours: 'sla_deadline' };

/** A field of a change as the task has it. */
export function valueOf(task: Task, field: keyof Change): unknown {
  return (task as unknown as Record<string, unknown>)[SHOWN_BY[field] ?? field];
}

/** Fields of a change that somebody else has changed meanwhile, to something else than it. */
export function conflicts(change: Change, base: Task, current: Task): (keyof Change)[] {
  return (Object.keys(change) as (keyof Change)[]).filter(
    (field) => field !== 'reason' && !same(valueOf(base, field), valueOf(current, field)) && !same(valueOf(current, field), change[field]),
  );
}

/** The task as it will be, as far as a page can know. */
export function foreseen(task: Task, change: Change): Task {
  const { task_status, reason: _, sla_hours: __, entities, ...rest } = change;
  const known = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    ...task,
    ...known,
    ...(task_status && { manual_status: task_status, task_status }),
    ...(task_status === 'COMPLETED' && { workflow_state: 'COMPLETION' as const }),
    ...(entities && { entities: { ...task.entities, ...(entities as Partial<Task['entities']>) } }),
  };
}

/** An amount as people write one: 1,250.50 or $1,250.50. */
export function amountOf(text: string): number | undefined {
  const bare = text.replaceAll(/[\s,$]/g, '');
  if (!/^\d+(\.\d{1,2})?$/.test(bare)) return undefined;
  return Number(bare);
}

/** Words of a list, by commas or lines, each once. */
export function listOf(text: string): string[] {
  return [...new Set(text.split(/[,\n;]/).map((word) => word.trim()).filter(Boolean))];
}
