import { CATEGORIES, type Category } from '../../../data/categories';
import { words } from '../../../data/format';
import { toLocal } from '../../../data/local';
import { Field, Input, PRIORITIES, Select, type Priority } from '../../../ui';
import { Row } from '../shared/Form';
import type { Policy } from './book';

/** A task that there is not, as it is typed. */
export interface ExampleTask {
  category: Category;
  priority: Priority;
  value: string;
  customer: string;
  mailbox: string;
  /** As `datetime-local` has it, in the zone of the browser. */
  start: string;
}

/** A task that meets the conditions of a policy. */
export function exampleFor(policy: Policy | undefined, now: number): ExampleTask {
  const when = policy?.when ?? {};
  return {
    category: (when.categories?.[0] as Category | undefined) ?? 'Order Management',
    priority: when.priorities?.[0] ?? 'HIGH',
    value: String(when.min_value ?? when.max_value ?? ''),
    customer: when.customers?.[0] ?? '',
    mailbox: when.mailboxes?.[0] ?? '',
    start: toLocal(now),
  };
}

/** The example as the API takes it. */
export function exampleBody({ category, priority, value, customer, mailbox, start }: ExampleTask) {
  const at = new Date(start);
  return {
    category,
    priority,
    ...(value !== '' && { dollar_value: Number(value) }),
    ...(customer.trim() && { customers: [customer.trim()] }),
    ...(mailbox.trim() && { mailbox: mailbox.trim() }),
    ...(!Number.isNaN(at.getTime()) && { start: at.toISOString() }),
  };
}

interface ExampleFieldsProps {
  task: ExampleTask;
  onChange: (task: ExampleTask) => void;
  errors: (pointer: string) => string | undefined;
}

/** What one changes to see what becomes of it. */
export function ExampleFields({ task, onChange, errors }: ExampleFieldsProps) {
  const set = (change: Partial<ExampleTask>) => onChange({ ...task, ...change });
  return (
    <>
      <Row>
        <Field label="Category">
          {(field) => (
            <Select
              {...field}
              value={task.category}
              choices={CATEGORIES.map((value) => ({ value, label: value }))}
              onChange={(category) => set({ category })}
            />
          )}
        </Field>
        <Field label="Priority">
          {(field) => (
            <Select
              {...field}
              value={task.priority}
              choices={PRIORITIES.map((value) => ({ value, label: words(value) }))}
              onChange={(priority) => set({ priority })}
            />
          )}
        </Field>
      </Row>
      <Row>
        <Field label="Value in dollars" error={errors('/dollar_value')}>
          {(field) => (
            <Input {...field} type="number" min={0} step="any" inputMode="decimal" placeholder="None" value={task.value} onChange={(event) => set({ value: event.target.value })} />
          )}
        </Field>
        <Field label="Created at" error={errors('/start')}>
          {(field) => <Input {...field} type="datetime-local" value={task.start} onChange={(event) => set({ start: event.target.value })} />}
        </Field>
      </Row>
      <Row>
        <Field label="Customer">
          {(field) => <Input {...field} placeholder="None" value={task.customer} onChange={(event) => set({ customer: event.target.value })} />}
        </Field>
        <Field label="Mailbox">
          {(field) => <Input {...field} placeholder="None" value={task.mailbox} onChange={(event) => set({ mailbox: event.target.value })} />}
        </Field>
      </Row>
    </>
  );
}
