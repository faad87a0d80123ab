import type { components } from '@workflow-intelligence/client';
import { words } from '../../data/format';
import { STATUSES, type Status } from '../../ui';

export type TaskRow = components['schemas']['TaskRow'];
export type Updates = components['schemas']['UpdateTaskRequest'];
export type State = components['schemas']['WorkflowState'];

/** What the columns stand for. */
export type Grouping = 'status' | 'state' | 'owner';
export const GROUPINGS: readonly Grouping[] = ['status', 'state', 'owner'];
export const STATES: readonly State[] = ['START_POINT', 'IN_PROGRESS', 'COMPLETION'];
const STATE_LABELS: Record<State, string> = { START_POINT: 'Start', IN_PROGRESS: 'In progress', COMPLETION: 'Completion' };

export const SORTS = ['sla_deadline', 'priority', 'dollar_value', 'updated_at', 'created_at'] as const;
export type SortKey = (typeof SORTS)[number];
export interface Order {
  sort: SortKey;
  direction: 'asc' | 'desc';
}

/** One column: which tasks are in it, and what putting a task there changes. */
export interface ColumnSpec {
  /** The status, the state or the owner; empty for nobody. */
  id: string;
  label: string;
  query: { status?: Status[]; state?: State[]; owner?: string[]; unassigned?: boolean; open?: boolean };
  updates: Updates;
  order: Order;
}

export interface Owner {
  name: string | null;
  email: string | null;
}

/** The most urgent first; what is done, the newest first. */
function orderOf(sort: SortKey, done: boolean): Order {
  const key = done && sort === 'sla_deadline' ? 'updated_at' : sort;
  return { sort: key, direction: key === 'sla_deadline' || key === 'priority' ? 'asc' : 'desc' };
}

export function columnsOf(grouping: Grouping, sort: SortKey, owners: readonly Owner[]): ColumnSpec[] {
  if (grouping === 'status') {
    return STATUSES.map((status) => ({
      id: status,
      label: words(status),
      query: { status: [status] },
      updates: status === 'COMPLETED' ? { task_status: status, workflow_state: 'COMPLETION' } : { task_status: status },
      order: orderOf(sort, status === 'COMPLETED'),
    }));
  }
  if (grouping === 'state') {
    return STATES.map((state) => ({
      id: state,
      label: STATE_LABELS[state],
      query: { state: [state] },
      updates: state === 'COMPLETION' ? { workflow_state: state, task_status: 'COMPLETED' } : { workflow_state: state },
      order: orderOf(sort, state === 'COMPLETION'),
    }));
  }
  return owners.map(({ name, email }) => ({
    id: name ?? '',
    label: name ?? 'Unassigned',
    query: { open: true, ...(name === null ? { unassigned: true } : { owner: [name] }) },
    updates: { current_owner: name, owner_email: email },
    order: orderOf(sort, false),
  }));
}

/** The column a task is in; the columns of owners hold open work alone. */
export function columnOf(grouping: Grouping, task: TaskRow): string | undefined {
  if (grouping === 'status') return task.task_status;
  if (grouping === 'state') return task.workflow_state;
  return task.task_status === 'COMPLETED' ? undefined : (task.current_owner ?? '');
}

const SEVERITY: Record<Status, number> = { RED: 3, YELLOW: 2, GREEN: 1, COMPLETED: 0 };

/** The least that the deadline makes of a task, as the API reckons it; a guess until the API has answered. */
export function floorOf(task: TaskRow, now: number): Status {
  if (task.sla_state === 'critical' || task.sla_state === 'violated') return 'RED';
  if (task.sla_state === 'warning') return 'YELLOW';
  const over = task.sla_deadline !== null && Date.parse(task.sla_deadline) < now && task.sla_state !== 'paused';
  return over ? 'RED' : 'GREEN';
}

export const worse = (a: Status, b: Status): Status => (SEVERITY[a] >= SEVERITY[b] ? a : b);

/** What a task will most likely be after a change, until the API says what it is. */
export function guess(task: TaskRow, updates: Updates, now: number): TaskRow {
  const { task_status: status, workflow_state: state, current_owner, owner_email, priority } = updates;
  const at = new Date(now).toISOString();
  const next: TaskRow = { ...task, updated_at: at };
  if (current_owner !== undefined) next.current_owner = current_owner;
  if (owner_email !== undefined) next.owner_email = owner_email;
  if (priority) next.priority = priority;
  if (status === 'COMPLETED' || state === 'COMPLETION') {
    const inTime = task.sla_deadline !== null && now <= Date.parse(task.sla_deadline);
    const sla = task.sla_deadline === null ? 'none' : inTime ? 'met' : 'missed';
    return { ...next, task_status: 'COMPLETED', workflow_state: 'COMPLETION', completion_date: at, sla_state: sla };
  }
  const wasDone = task.task_status === 'COMPLETED';
  if (state) next.workflow_state = state;
  else if (status && wasDone) next.workflow_state = 'IN_PROGRESS';
  if (status || (state && wasDone)) {
    next.task_status = worse(status ?? 'GREEN', floorOf(task, now));
    next.completion_date = null;
    if (wasDone) next.sla_state = next.task_status === 'RED' ? 'violated' : 'ok';
  }
  return next;
}

const RANK = { CRITICAL: 0, HIGH: 1, MEDIUM: 2, NORMAL: 3 } as const;
type Key = number | null;

function keyOf(task: TaskRow, sort: SortKey): Key {
  if (sort === 'priority') return RANK[task.priority];
  if (sort === 'dollar_value') return task.dollar_value;
  const at = task[sort];
  return at === null ? null : Date.parse(at);
}

/** As the API sorts: absent keys last, ties by id. */
export function comparing({ sort, direction }: Order): (a: TaskRow, b: TaskRow) => number {
  const sign = direction === 'asc' ? 1 : -1;
  return (a, b) => {
    const left = keyOf(a, sort);
    const right = keyOf(b, sort);
    if (left !== right) {
      if (left === null) return 1;
      if (right === null) return -1;
      return sign * (left - right);
    }
    return a.task_id === b.task_id ? 0 : sign * (a.task_id < b.task_id ? -1 : 1);
  };
}
