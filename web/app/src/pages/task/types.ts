import type { components } from '@workflow-intelligence/client';
import type { Choice } from '../../ui';

type Schemas = components['schemas'];
export type Task = Schemas['Task'];
export type TaskWithHistory = Schemas['TaskWithHistory'];
export type Change = Schemas['UpdateTaskRequest'];
export type Email = Schemas['Email'];
export type HistoryEntry = Schemas['HistoryEntry'];
export type SlaExplanation = Schemas['SlaExplanation'];
export type Regrouping = Schemas['Regrouping'];
export type Entities = Schemas['Entities'];

export const STATES: readonly Choice<Schemas['WorkflowState']>[] = [
  { value: 'START_POINT', label: 'Not started' },
  { value: 'IN_PROGRESS', label: 'In progress' },
  { value: 'COMPLETION', label: 'Completed' },
];

export const ENTITY_LISTS: readonly (readonly [keyof Entities, string])[] = [
  ['po_numbers', 'Purchase orders'],
  ['order_numbers', 'Orders'],
  ['quote_numbers', 'Quotes'],
  ['case_numbers', 'Cases'],
  ['tracking_numbers', 'Tracking'],
  ['part_numbers', 'Parts'],
  ['customers', 'Customers'],
];

/** Fields as people call them. */
export const FIELD_NAMES: Readonly<Record<string, string>> = {
  workflow_category: 'Category',
  secondary_categories: 'Further categories',
  workflow_state: 'State',
  task_status: 'Status',
  manual_status: 'Status',
  priority: 'Priority',
  dollar_value: 'Value',
  current_owner: 'Owner',
  owner_email: "Owner's address",
  sla_deadline: 'Deadline',
  sla_hours: 'Deadline in hours',
  waiting_on: 'Waiting on',
  snoozed_until: 'Snoozed until',
  breach_reason: 'Reason of the breach',
  tags: 'Labels',
  title: 'Title',
  description: 'Description',
  group_name: 'Group',
  ...Object.fromEntries(ENTITY_LISTS),
};

/** Below it a reading is to be looked at, as the server's own threshold has it unless configured. */
export const LOW_CONFIDENCE = 0.5;
/** The label that says so of a whole task. */
export const REVIEW = 'review';
