import type { components } from '@workflow-intelligence/client';
import { PRIORITIES, type Priority } from '../../ui';
import { GROUPINGS, SORTS, type Grouping, type SortKey, type TaskRow } from './model';

type Category = components['schemas']['Category'];

export const DUE = ['overdue', '4h', '24h', '7d'] as const;
export type Due = (typeof DUE)[number];
const HOURS: Record<Exclude<Due, 'overdue'>, number> = { '4h': 4, '24h': 24, '7d': 168 };

/** What the address says, by the names of the list's own parameters; `due` is relative to now. */
export interface Filters {
  q: string;
  category: string[];
  priority: Priority[];
  owner: string[];
  mailbox: string[];
  due: Due | '';
}

export interface View {
  by: Grouping;
  sort: SortKey;
  filters: Filters;
  collapsed: string[];
}

export function viewOf(params: URLSearchParams): View {
  return {
    by: GROUPINGS.find((by) => by === params.get('by')) ?? 'status',
    sort: SORTS.find((sort) => sort === params.get('sort')) ?? 'sla_deadline',
    filters: {
      q: params.get('q')?.trim() ?? '',
      category: params.getAll('category'),
      priority: PRIORITIES.filter((priority) => params.getAll('priority').includes(priority)),
      owner: params.getAll('owner'),
      mailbox: params.getAll('mailbox'),
      due: DUE.find((due) => due === params.get('due')) ?? '',
    },
    collapsed: params.getAll('collapsed'),
  };
}

export const isFiltered = ({ q, category, priority, owner, mailbox, due }: Filters): boolean =>
  q !== '' || due !== '' || category.length + priority.length + owner.length + mailbox.length > 0;

export interface ListFilters {
  q?: string;
  category?: string[];
  priority?: Priority[];
  owner?: string[];
  mailbox?: string[];
  due_from?: string;
  due_to?: string;
  open?: boolean;
}

/** The filters as the list takes them; `now` makes moments of what is relative. */
export function listFilters({ q, category, priority, owner, mailbox, due }: Filters, now: number): ListFilters {
  const at = (hours: number) => new Date(now + hours * 3_600_000).toISOString();
  return {
    ...(q && { q }),
    ...(category.length > 0 && { category }),
    ...(priority.length > 0 && { priority }),
    ...(owner.length > 0 && { owner }),
    ...(mailbox.length > 0 && { mailbox }),
    ...(due === 'overdue' ? { due_to: at(0), open: true } : due && { due_from: at(0), due_to: at(HOURS[due]), open: true }),
  };
}

/** Whether a task passes, as far as can be said here: what the text finds only the server knows. */
export function passes(filters: ListFilters, task: TaskRow): boolean {
  const has = (wanted: readonly string[] | undefined, value: string | null) => !wanted || (value !== null && wanted.includes(value));
  const due = task.sla_deadline === null ? null : Date.parse(task.sla_deadline);
  return (
    has(filters.category satisfies Category[] | string[] | undefined, task.workflow_category) &&
    has(filters.priority, task.priority) &&
    has(filters.owner, task.current_owner) &&
    has(filters.mailbox, task.mailbox_source) &&
    (!filters.open || task.task_status !== 'COMPLETED') &&
    (!filters.due_from || (due !== null && due >= Date.parse(filters.due_from))) &&
    (!filters.due_to || (due !== null && due <= Date.parse(filters.due_to)))
  );
}

/** The address of the task list that shows the same tasks. */
export function listAddress(query: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined && one !== '') params.append(name, String(one));
  }
  return `/tasks?${params}`;
}
