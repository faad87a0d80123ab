import { PRIORITIES, type Priority } from '../../../ui';
import type { Category } from '../../../data/categories';
import { lines } from '../shared/choices';
import type { Policy } from './book';
import { readTarget } from './words';

/** A target as it is typed. */
export interface TargetDraft {
  kind: 'none' | 'one' | 'each';
  one: string;
  each: Record<Priority, string>;
}

export interface ThresholdDraft {
  kind: 'usual' | 'hours' | 'percent';
  value: string;
}

export type Action = NonNullable<Policy['escalations']>[number]['action'];

export interface StepDraft {
  key: number;
  hours: string;
  side: 'before' | 'after';
  action: Action;
  to: string;
}

/** A policy as it is typed: numbers are text until it is sent. */
export interface PolicyDraft {
  name: string;
  categories: Category[];
  priorities: Priority[];
  mailboxes: string;
  customers: string;
  minValue: string;
  maxValue: string;
  calendar: string;
  resolution: TargetDraft;
  firstResponse: TargetDraft;
  warning: ThresholdDraft;
  critical: ThresholdDraft;
  pauseWaiting: boolean;
  pauseSnoozed: boolean;
  steps: StepDraft[];
}

let keys = 0;
export const nextKey = () => ++keys;

const text = (value: number | undefined) => (value === undefined ? '' : String(value));

function targetDraft(value: unknown): TargetDraft {
  const target = readTarget(value);
  if (target === undefined) return { kind: 'none', one: '', each: { CRITICAL: '', HIGH: '', MEDIUM: '', NORMAL: '' } };
  if (typeof target === 'number') {
    const one = String(target);
    return { kind: 'one', one, each: { CRITICAL: one, HIGH: one, MEDIUM: one, NORMAL: one } };
  }
  const each = Object.fromEntries(PRIORITIES.map((priority) => [priority, String(target[priority])])) as Record<Priority, string>;
  return { kind: 'each', one: each.NORMAL, each };
}

function thresholdDraft(threshold: Policy['warning']): ThresholdDraft {
  if (threshold?.hours !== undefined) return { kind: 'hours', value: text(threshold.hours) };
  if (threshold?.percent !== undefined) return { kind: 'percent', value: text(threshold.percent) };
  return { kind: 'usual', value: '' };
}

/** What one begins with who adds a policy. */
export const NEW_POLICY: Policy = { name: '', resolution_hours: 24 };

export function toDraft(policy: Policy): PolicyDraft {
  const when = policy.when ?? {};
  return {
    name: policy.name,
    categories: (when.categories ?? []) as Category[],
    priorities: when.priorities ?? [],
    mailboxes: (when.mailboxes ?? []).join('\n'),
    customers: (when.customers ?? []).join('\n'),
    minValue: text(when.min_value),
    maxValue: text(when.max_value),
    calendar: policy.calendar ?? '',
    resolution: targetDraft(policy.resolution_hours),
    firstResponse: targetDraft(policy.first_response_hours),
    warning: thresholdDraft(policy.warning),
    critical: thresholdDraft(policy.critical),
    pauseWaiting: policy.pause_while_waiting_on_customer ?? false,
    pauseSnoozed: policy.pause_while_snoozed ?? false,
    steps: (policy.escalations ?? []).map((step) => ({
      key: nextKey(),
      hours: String(Math.abs(step.hours)),
      side: step.hours < 0 ? 'before' : 'after',
      action: step.action,
      to: step.to ?? '',
    })),
  };
}

function target(draft: TargetDraft): unknown {
  if (draft.kind === 'none') return undefined;
  if (draft.kind === 'one') return Number(draft.one);
  return Object.fromEntries(PRIORITIES.map((priority) => [priority, Number(draft.each[priority])]));
}

function threshold({ kind, value }: ThresholdDraft): Policy['warning'] {
  return kind === 'usual' ? undefined : kind === 'hours' ? { hours: Number(value) } : { percent: Number(value) };
}

/** What is left out stays out: the API takes neither null nor an empty list for anything. */
export function toPolicy(draft: PolicyDraft): Policy {
  const when: NonNullable<Policy['when']> = {};
  if (draft.categories.length) when.categories = draft.categories;
  if (draft.priorities.length) when.priorities = draft.priorities;
  if (lines(draft.mailboxes).length) when.mailboxes = lines(draft.mailboxes);
  if (lines(draft.customers).length) when.customers = lines(draft.customers);
  if (draft.minValue !== '') when.min_value = Number(draft.minValue);
  if (draft.maxValue !== '') when.max_value = Number(draft.maxValue);
  const policy: Policy = { name: draft.name.trim(), resolution_hours: target(draft.resolution) };
  if (Object.keys(when).length) policy.when = when;
  if (draft.firstResponse.kind !== 'none') policy.first_response_hours = target(draft.firstResponse);
  if (draft.calendar) policy.calendar = draft.calendar;
  const warning = threshold(draft.warning);
  if (warning) policy.warning = warning;
  const critical = threshold(draft.critical);
  if (critical) policy.critical = critical;
  if (draft.pauseWaiting) policy.pause_while_waiting_on_customer = true;
  if (draft.pauseSnoozed) policy.pause_while_snoozed = true;
  if (draft.steps.length) {
    policy.escalations = draft.steps.map(({ hours, side, action, to }) => ({
      hours: Number(hours) === 0 ? 0 : Number(hours) * (side === 'before' ? -1 : 1),
      action,
      ...(to.trim() && action !== 'raise_priority' && { to: to.trim() }),
    }));
  }
  return policy;
}
