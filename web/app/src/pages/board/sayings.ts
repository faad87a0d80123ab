import { money, words, dateTime } from '../../data/format';
import type { History } from './api';
import type { TaskRow, Updates } from './model';

const FIELDS: Record<string, string> = {
  task_status: 'status',
  manual_status: 'status set by hand',
  workflow_state: 'state',
  current_owner: 'owner',
  priority: 'priority',
  workflow_category: 'category',
  sla_deadline: 'deadline',
  dollar_value: 'value',
  title: 'title',
};

/** Who did it, as the history names them. */
export function person(changedBy: string): string {
  if (changedBy === 'local') return 'Somebody';
  if (changedBy === 'mail') return 'New mail';
  return changedBy === 'SLA Monitor' ? 'The SLA monitor' : changedBy;
}

function valueOf(field: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return 'none';
  const text = String(value);
  if (field === 'dollar_value' && Number.isFinite(Number(text))) return money(Number(text));
  if (field === 'sla_deadline' && !Number.isNaN(Date.parse(text))) return dateTime(text);
  return /^[A-Z_]+$/.test(text) ? words(text) : text;
}

/** What others changed after a version, newest last: `Ana changed the status from Green to Red`. */
export function changesSince(history: readonly History[], version: number): string[] {
  const later = history.filter((entry) => entry.version > version && FIELDS[entry.field] !== undefined);
  return later.slice(-4).map(({ field, old_value, new_value, changed_by }) => {
    return `${person(changed_by)} changed the ${FIELDS[field]} from ${valueOf(field, old_value)} to ${valueOf(field, new_value)}.`;
  });
}

/** What to say if the API made less of a change than was asked for; nothing if it is as asked. */
export function keptBy(task: TaskRow, updates: Updates): { title: string; detail: string } | undefined {
  const wanted = updates.task_status;
  if (!wanted || task.task_status === wanted) return undefined;
  const why: Partial<Record<string, string>> = {
    violated: 'It is past its deadline.',
    critical: 'Its deadline is very close.',
    warning: 'Its deadline is close.',
  };
  return {
    title: `The deadline keeps it ${words(task.task_status).toLowerCase()}`,
    detail: `“${task.title}” is set to ${words(wanted).toLowerCase()}, and will be ${words(wanted).toLowerCase()} once the deadline allows. ${why[task.sla_state] ?? ''}`.trim(),
  };
}
