import { lazy, type ComponentType } from 'react';
import type { IconName } from '../ui';

type Load = () => Promise<{ default: ComponentType }>;

export interface RouteEntry {
  path: string;
  Page: ComponentType;
  /** Fetches the page's code before it is shown. */
  load: Load;
}

function route(path: string, load: Load): RouteEntry {
  return { path, Page: lazy(load), load };
}

/** Every address and its page, each fetched when it is first opened. A page reads `:id` with wouter's `useParams`. */
export const ROUTES: readonly RouteEntry[] = [
  route('/', () => import('../pages/overview/Overview')),
  route('/board', () => import('../pages/board/Board')),
  route('/tasks', () => import('../pages/tasks/Tasks')),
  route('/tasks/:id', () => import('../pages/task/TaskPage')),
  route('/mail/*?', () => import('../pages/mail/Mail')),
  route('/patterns/*?', () => import('../pages/patterns/Patterns')),
  route('/notifications', () => import('../pages/notifications/Notifications')),
  route('/ops', () => import('../pages/ops/overview/OpsOverview')),
  route('/ops/jobs', () => import('../pages/ops/jobs/Jobs')),
  route('/ops/jobs/:id', () => import('../pages/ops/job/JobPage')),
  route('/ops/errors', () => import('../pages/ops/errors/Errors')),
  route('/ops/queues', () => import('../pages/ops/queues/Queues')),
  route('/ops/workers', () => import('../pages/ops/workers/Workers')),
  route('/ops/schedules', () => import('../pages/ops/schedules/Schedules')),
  route('/ops/database', () => import('../pages/ops/database/Database')),
  route('/ops/audit', () => import('../pages/ops/audit/Audit')),
  route('/settings', () => import('../pages/settings/SettingsIndex')),
  route('/settings/sla', () => import('../pages/settings/sla/Sla')),
  route('/settings/calendars', () => import('../pages/settings/calendars/Calendars')),
  route('/settings/people', () => import('../pages/settings/people/People')),
  route('/settings/mailboxes', () => import('../pages/settings/mailboxes/Mailboxes')),
  route('/settings/webhooks', () => import('../pages/settings/webhooks/Webhooks')),
  route('/settings/keys', () => import('../pages/settings/keys/Keys')),
  route('/settings/notifications', () => import('../pages/settings/notifications/NotificationSettings')),
];

export interface Destination {
  to: string;
  label: string;
  icon: IconName;
  keys?: string;
}

/** The navigation. */
export const MAIN: readonly Destination[] = [
  { to: '/', label: 'Overview', icon: 'overview', keys: 'g o' },
  { to: '/board', label: 'Board', icon: 'board', keys: 'g b' },
  { to: '/tasks', label: 'Tasks', icon: 'tasks', keys: 'g t' },
  { to: '/mail', label: 'Mail', icon: 'mail', keys: 'g m' },
  { to: '/patterns', label: 'Patterns', icon: 'patterns', keys: 'g p' },
];

export const FOOT: readonly Destination[] = [
  { to: '/ops', label: 'Operations', icon: 'ops', keys: 'g x' },
  { to: '/settings', label: 'Settings', icon: 'settings', keys: 'g s' },
];

export const OPS: readonly Destination[] = [
  { to: '/ops', label: 'Overview', icon: 'ops' },
  { to: '/ops/jobs', label: 'Jobs', icon: 'jobs', keys: 'g j' },
  { to: '/ops/errors', label: 'Errors', icon: 'error' },
  { to: '/ops/queues', label: 'Queues', icon: 'queue', keys: 'g q' },
  { to: '/ops/workers', label: 'Workers', icon: 'server' },
  { to: '/ops/schedules', label: 'Schedules', icon: 'schedule' },
  { to: '/ops/database', label: 'Database', icon: 'database' },
  { to: '/ops/audit', label: 'Audit', icon: 'audit' },
];

export const SETTINGS: readonly Destination[] = [
  { to: '/settings/sla', label: 'SLA policies', icon: 'clock' },
  { to: '/settings/calendars', label: 'Calendars', icon: 'calendar' },
  { to: '/settings/people', label: 'People', icon: 'people' },
  { to: '/settings/mailboxes', label: 'Mailboxes', icon: 'inbox' },
  { to: '/settings/webhooks', label: 'Webhooks', icon: 'webhook' },
  { to: '/settings/keys', label: 'API keys', icon: 'key' },
  { to: '/settings/notifications', label: 'Notifications', icon: 'bell' },
];

/** Whether the address belongs to this entry of the navigation. */
export function isAt(path: string, to: string): boolean {
  return to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`);
}
