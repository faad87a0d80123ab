import type { components } from '@workflow-intelligence/client';
import type { QueryClient } from '@tanstack/react-query';
import { http, unwrap } from '../../data/http';
import { dateTime, words } from '../../data/format';
import { Problem } from '../../data/problem';
import { toast, toastProblem } from '../../ui';
import type { EditField } from './columns';
import type { TaskRow } from './filters';
import { setRow } from './rows';

type Task = components['schemas']['Task'];
export type Updates = Pick<components['schemas']['UpdateTaskRequest'], EditField | 'workflow_state' | 'workflow_category' | 'tags'>;

export const FIELD_LABELS: Record<keyof Updates, string> = {
  task_status: 'Status',
  priority: 'Priority',
  current_owner: 'Owner',
  sla_deadline: 'Deadline',
  workflow_state: 'State',
  workflow_category: 'Category',
  tags: 'Tags',
};

/** A value as people say it. */
export function said(field: keyof Updates, value: unknown): string {
  if (field === 'tags') return Array.isArray(value) && value.length > 0 ? value.join(', ') : 'none';
  if (value === null || value === undefined || value === '') return field === 'current_owner' ? 'Unassigned' : 'none';
  const text = String(value);
  if (field === 'sla_deadline') return dateTime(text);
  return field === 'current_owner' || field === 'workflow_category' ? text : words(text);
}

/** The columns of a list, of a whole task. */
export function rowOf(task: Task): Partial<TaskRow> {
  const { completion_date, created_at, current_owner, dollar_value, owner_email, priority, sla_deadline, sla_state, tags, task_status, title, updated_at, version, workflow_category, workflow_state } = task;
  return { completion_date, created_at, current_owner, dollar_value, owner_email, priority, sla_deadline, sla_state, tags, task_status, title, updated_at, version, workflow_category, workflow_state };
}

/**
 * Changes one field of a task: at once on the page, then on the server, which refuses if the task is no longer the one
 * that was seen. If somebody changed another field meanwhile, that is no conflict.
 */
export async function editTask(queries: QueryClient, task: TaskRow, field: EditField, value: string | null): Promise<boolean> {
  const updates = { [field]: value } as Updates;
  setRow(queries, task.task_id, (row) => ({ ...row, ...updates }) as TaskRow);
  const put = (version: number) =>
    unwrap(
      http.PUT('/api/workflow/update/{task_id}', {
        params: { path: { task_id: task.task_id }, header: { 'If-Match': `"${version}"` } },
        body: updates,
      }),
    );
  const back = (row: TaskRow) => (row[field] === value ? ({ ...row, [field]: task[field] } as TaskRow) : row);
  let { version } = task;
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        const applied = await put(version);
        if ('task' in applied) setRow(queries, task.task_id, (row) => (row.version <= applied.task.version ? { ...row, ...rowOf(applied.task) } : row));
        return true;
      } catch (cause) {
        if (!(cause instanceof Problem) || cause.status !== 412) throw cause;
        const now = (await unwrap(http.GET('/api/workflow/get/{task_id}', { params: { path: { task_id: task.task_id } } }))).task;
        if (attempt < 3 && now[field] === task[field]) {
          ({ version } = now);
          continue;
        }
        setRow(queries, task.task_id, (row) => ({ ...row, ...rowOf(now) }));
        const fresh = { ...task, ...rowOf(now) };
        toast({
          kind: 'warning',
          title: 'Somebody changed this task first',
          detail: `${FIELD_LABELS[field]} of “${task.title}” is now ${said(field, now[field])}. Your change was not made.`,
          timeout: 15_000,
          action: { label: `Set to ${said(field, value)}`, onSelect: () => void editTask(queries, fresh, field, value) },
        });
        return false;
      }
    }
  } catch (cause) {
    setRow(queries, task.task_id, back);
    toastProblem(cause, 'The task was not changed');
    return false;
  }
}
