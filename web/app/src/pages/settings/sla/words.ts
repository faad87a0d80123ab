import { money, number, words } from '../../../data/format';
import { PRIORITIES, type Priority } from '../../../ui';
import type { Policy } from './book';

type Conditions = NonNullable<Policy['when']>;

/** Exact, as a bound is. */
const dollars = (value: number) => money(value).replace(/\.00$/, '');

const either = new Intl.ListFormat('en-US', { type: 'disjunction' });

/** What tasks a policy is for, a phrase a condition; empty for all tasks. */
export function conditionsInWords(when: Conditions | undefined): string[] {
  const said: string[] = [];
  const list = (values: readonly string[] | undefined, name: string) => {
    if (values?.length) said.push(`${name} ${either.format(values)}`);
  };
  list(when?.categories, 'about');
  list(when?.priorities?.map(words), 'priority');
  list(when?.mailboxes, 'from mailbox');
  list(when?.customers, 'customer');
  const { min_value: least, max_value: most } = when ?? {};
  if (least !== undefined && most !== undefined) said.push(`worth ${dollars(least)} to ${dollars(most)}`);
  else if (least !== undefined) said.push(`worth ${dollars(least)} or more`);
  else if (most !== undefined) said.push(`worth ${dollars(most)} or less`);
  return said;
}

/** A target: one number of hours, or one for each priority. */
export type Target = number | Record<Priority, number>;

/** What the schema leaves open: a target as the API writes it. */
export function readTarget(value: unknown): Target | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const hours = value as Record<string, unknown>;
  return PRIORITIES.every((priority) => typeof hours[priority] === 'number') ? (hours as Record<Priority, number>) : undefined;
}

/** 8 h, or 2 / 4 / 8 / 16 h in order of urgency. */
export function targetInWords(value: unknown): string {
  const target = readTarget(value);
  if (target === undefined) return '–';
  if (typeof target === 'number') return `${number(target)} h`;
  return `${PRIORITIES.map((priority) => number(target[priority])).join(' / ')} h`;
}

/** 4 h before, or 25% left. */
export function thresholdInWords(threshold: Policy['warning']): string {
  if (threshold?.hours !== undefined) return `${number(threshold.hours)} h before`;
  if (threshold?.percent !== undefined) return `at ${number(threshold.percent)}% left`;
  return 'as usual';
}

const ACTIONS = { notify: 'Tell', reassign: 'Give to', raise_priority: 'Raise the priority' } as const;

interface Step {
  hours: number;
  action: keyof typeof ACTIONS;
  to?: string | null | undefined;
}

/** Tell Desk lead. */
export function actionInWords({ action, to }: Step): string {
  return action === 'raise_priority' ? ACTIONS[action] : `${ACTIONS[action]} ${to ?? 'the owner'}`;
}
