import type { Frames } from '@workflow-intelligence/client';
import { count } from '../data/format';
import type { IconName } from '../ui';

export type Kind = 'critical' | 'violated' | 'warning' | 'escalated' | 'created' | 'completed' | 'comment' | 'batch' | 'batchFailed';

/** Something that a person may want to know of. */
export interface Notice {
  /** Of the event, growing. */
  id: string;
  kind: Kind;
  title: string;
  detail?: string;
  at: string;
  /** Where it leads. */
  to: string;
  owner?: string | null;
  /** Dollars, where the event says. */
  value?: number;
  mentions?: readonly string[];
}

export const KINDS: Record<Kind, { word: string; what: string; icon: IconName; tone: 'red' | 'yellow' | 'green' | 'blue'; event: keyof Frames }> = {
  critical: { word: 'Critical', what: 'A valuable task is close to its deadline or past it', icon: 'alert', tone: 'red', event: 'workflow:critical:alert' },
  violated: { word: 'SLA missed', what: 'A deadline has passed', icon: 'error', tone: 'red', event: 'workflow:sla:violated' },
  warning: { word: 'SLA at risk', what: 'A deadline comes close', icon: 'clock', tone: 'yellow', event: 'workflow:sla:warning' },
  escalated: { word: 'Escalated', what: 'A policy asks for more than a warning', icon: 'up', tone: 'yellow', event: 'workflow:sla:escalated' },
  created: { word: 'New task', what: 'A task was opened', icon: 'plus', tone: 'blue', event: 'workflow:task:created' },
  completed: { word: 'Completed', what: 'A task is done', icon: 'check', tone: 'green', event: 'workflow:task:completed' },
  comment: { word: 'Comment', what: 'Somebody said something about a task', icon: 'comment', tone: 'blue', event: 'workflow:comment:created' },
  batch: { word: 'Batch done', what: 'All mails of a batch are accounted for', icon: 'inbox', tone: 'green', event: 'workflow:batch:completed' },
  batchFailed: { word: 'Batch failed', what: 'A batch could not be processed', icon: 'error', tone: 'red', event: 'workflow:batch:failed' },
};

export const KIND_NAMES = Object.keys(KINDS) as Kind[];

type Frame = Frames[(typeof KINDS)[Kind]['event']];

const task = (id: string) => `/tasks/${encodeURIComponent(id)}`;

/** The notice that an event is; none if it is of no kind that has any. */
export function toNotice(frame: { event: string }): Notice | undefined {
  const event = frame as Frame;
  switch (event.event) {
    case 'workflow:critical:alert': {
      const { taskId, message, owner, value } = event.data;
      return { ...base(event, 'critical'), title: message, to: task(taskId), owner, value };
    }
    case 'workflow:sla:violated':
      return { ...base(event, 'violated'), title: event.data.title, to: task(event.data.taskId), owner: event.data.owner };
    case 'workflow:sla:warning':
      return { ...base(event, 'warning'), title: event.data.title, to: task(event.data.taskId), owner: event.data.owner };
    case 'workflow:sla:escalated': {
      const { title, taskId, owner, to: target } = event.data;
      return { ...base(event, 'escalated'), title, ...(target ? { detail: `to ${target}` } : {}), to: task(taskId), owner };
    }
    case 'workflow:task:created':
    case 'workflow:task:completed': {
      const { title, taskId, owner, value } = event.data;
      const kind = event.event === 'workflow:task:created' ? 'created' : 'completed';
      return { ...base(event, kind), title, to: task(taskId), owner, value };
    }
    case 'workflow:comment:created': {
      const { author, text, taskId, mentions } = event.data;
      return { ...base(event, 'comment'), title: `${author}: ${text.slice(0, 200)}`, to: task(taskId), mentions };
    }
    case 'workflow:batch:completed': {
      const { batchId, emailCount, tasksCreated, tasksUpdated, errors } = event.data;
      const outcome = `${count(tasksCreated, 'task')} opened, ${tasksUpdated} changed${errors.length > 0 ? `, ${errors.length} quarantined` : ''}`;
      return { ...base(event, 'batch'), title: `${count(emailCount, 'mail')} processed`, detail: outcome, to: batch(batchId) };
    }
    case 'workflow:batch:failed': {
      const { batchId, errors, emailCount } = event.data;
      const why = errors[0]?.reason;
      return { ...base(event, 'batchFailed'), title: `${count(emailCount, 'mail')} not processed`, ...(why ? { detail: why } : {}), to: batch(batchId) };
    }
    default:
      return undefined;
  }
}

function base({ id, timestamp }: { id: string; timestamp: string }, kind: Kind) {
  return { id, at: timestamp, kind };
}

function batch(id: string) {
  return `/mail/batches/${encodeURIComponent(id)}`;
}
