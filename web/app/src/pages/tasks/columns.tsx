import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Store } from '../../data/store';
import { words } from '../../data/format';
import { Avatar, Countdown, DateTime, Money, PriorityTag, RelativeTime, StatusBadge, Tag } from '../../ui';
import type { SortKey, TaskRow } from './filters';
import styles from './Grid.module.css';

/** What can be changed where it stands. */
export type EditField = 'task_status' | 'priority' | 'current_owner' | 'sla_deadline';

export interface GridColumn {
  key: string;
  header: string;
  /** Track of the grid. */
  width: string;
  /** Least width in rem, to know when the table scrolls sideways. */
  least: number;
  align?: 'end';
  sort?: SortKey;
  edit?: EditField;
  /** Cannot be left out. */
  fixed?: boolean;
  cell: (task: TaskRow) => ReactNode;
}

const muted = (text: ReactNode) => <span className={styles.quiet}>{text}</span>;

export const COLUMNS: readonly GridColumn[] = [
  {
    key: 'title',
    header: 'Title',
    width: 'minmax(16rem, 3fr)',
    least: 16,
    fixed: true,
    cell: (task) => (
      <Link href={`/tasks/${encodeURIComponent(task.task_id)}`} className={styles.title} tabIndex={-1} title={task.title}>
        {task.title}
      </Link>
    ),
  },
  {
    key: 'status',
    header: 'Status',
    width: '7.5rem',
    least: 7.5,
    edit: 'task_status',
    cell: (task) => <StatusBadge status={task.task_status} look="plain" />,
  },
  { key: 'priority', header: 'Priority', width: '7rem', least: 7, sort: 'priority', edit: 'priority', cell: (task) => <PriorityTag priority={task.priority} /> },
  {
    key: 'owner',
    header: 'Owner',
    width: 'minmax(9rem, 1fr)',
    least: 9,
    edit: 'current_owner',
    cell: (task) => <Avatar name={task.current_owner} withName size={20} />,
  },
  {
    key: 'deadline',
    header: 'Deadline',
    width: '9rem',
    least: 9,
    sort: 'sla_deadline',
    edit: 'sla_deadline',
    cell: (task) => <Countdown deadline={task.sla_deadline} state={task.sla_state} />,
  },
  { key: 'value', header: 'Value', width: '8rem', least: 8, align: 'end', sort: 'dollar_value', cell: (task) => (task.dollar_value === 0 ? muted('–') : <Money value={task.dollar_value} />) },
  { key: 'category', header: 'Category', width: 'minmax(10rem, 1fr)', least: 10, cell: (task) => muted(task.workflow_category) },
  { key: 'created', header: 'Created', width: '8.5rem', least: 8.5, sort: 'created_at', cell: (task) => muted(<RelativeTime at={task.created_at} />) },
  { key: 'updated', header: 'Updated', width: '8.5rem', least: 8.5, sort: 'updated_at', cell: (task) => muted(<RelativeTime at={task.updated_at} />) },
  { key: 'state', header: 'State', width: '7rem', least: 7, cell: (task) => muted(words(task.workflow_state)) },
  { key: 'mailbox', header: 'Mailbox', width: '9rem', least: 9, cell: (task) => muted(task.mailbox_source ?? '–') },
  {
    key: 'tags',
    header: 'Tags',
    width: '11rem',
    least: 11,
    cell: (task) => (
      <span className={styles.tags} title={task.tags.join(', ')}>
        {task.tags.length === 0 ? muted('–') : task.tags.slice(0, 3).map((tag) => <Tag key={tag}>{tag}</Tag>)}
        {task.tags.length > 3 && muted(`+${task.tags.length - 3}`)}
      </span>
    ),
  },
  { key: 'completed', header: 'Completed', width: '9rem', least: 9, cell: (task) => muted(task.completion_date ? <DateTime at={task.completion_date} /> : '–') },
];

const KEY = 'tasks.columns';
const DEFAULT = ['title', 'status', 'priority', 'owner', 'deadline', 'value', 'category', 'created'];

function kept(): readonly string[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    return Array.isArray(value) && value.includes('title') ? value.filter((one): one is string => typeof one === 'string') : DEFAULT;
  } catch {
    return DEFAULT;
  }
}

/** Keys of the columns that are shown. */
export const shownColumns = new Store<readonly string[]>(kept());

export function showColumns(keys: readonly string[]): void {
  shownColumns.set(keys);
  try {
    localStorage.setItem(KEY, JSON.stringify(keys));
  } catch {
    // No storage: it holds until the page is left.
  }
}

export const resetColumns = (): void => showColumns(DEFAULT);
