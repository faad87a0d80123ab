import { useId, type ReactNode } from 'react';
import { CATEGORIES } from '../../data/categories';
import { dateTime, words } from '../../data/format';
import { toLocal } from '../../data/local';
import { useMay } from '../../data/session';
import { Avatar, Button, Card, Combobox, Money, PRIORITIES, PriorityTag, Select, STATUSES, StatusIcon, Tag, type Choice } from '../../ui';
import { amountOf, listOf } from './edit';
import styles from './Fields.module.css';
import { useHighlight, usePointing } from './highlight';
import { Inline } from './Inline';
import { FIELD_NAMES, LOW_CONFIDENCE, STATES, type Change } from './types';
import { useEditing } from './useTask';
import { useOwners } from './useOwners';
import { CheckThis, Why } from './Why';

/** The field that is being edited; one at a time. */
export type Open = keyof Change | null;

interface FieldsProps {
  open: Open;
  onOpen: (open: Open) => void;
  /** Fields whose words stand in a mail. */
  found: ReadonlySet<string>;
}

/** What the task is: each value can be changed where it stands, and says why it is what it is. */
export function Fields({ open, onOpen, found }: FieldsProps) {
  const { task, save } = useEditing();
  const people = useOwners(task);
  const inline = (field: keyof Change) => ({ field, open: open === field, onOpen: (on: boolean) => onOpen(on ? field : null) });
  const violated = task.sla_state === 'violated' || task.sla_state === 'missed';
  const worse = task.task_status !== task.manual_status && task.task_status !== 'COMPLETED';
  return (
    <Card title="Details">
      <div className={styles.rows}>
        <Row field="task_status" found={found} note={worse && `Shows as ${words(task.task_status)} because of the deadline.`}>
          {(id) => (
            <Picker
              id={id}
              icon={<StatusIcon status={task.manual_status} />}
              value={task.manual_status}
              choices={STATUSES.map((value) => ({ value, label: words(value) }))}
              onChange={(task_status) => void save({ task_status })}
            />
          )}
        </Row>
        <Row field="workflow_state" found={found}>
          {(id) => <Picker id={id} value={task.workflow_state} choices={STATES} onChange={(workflow_state) => void save({ workflow_state })} />}
        </Row>
        <Row field="priority" found={found}>
          {(id) => (
            <Picker
              id={id}
              icon={<PriorityTag priority={task.priority} hideWord />}
              value={task.priority}
              choices={PRIORITIES.map((value) => ({ value, label: words(value) }))}
              onChange={(priority) => void save({ priority })}
            />
          )}
        </Row>
        <Row field="current_owner" found={found}>
          {() => (
            <Inline
              {...inline('current_owner')}
              shown={<Avatar name={task.current_owner} withName />}
              text={task.current_owner ?? ''}
              parse={(text) => ownerChange(text, people)}
              input={({ value, onChange, label }) => (
                <OwnerInput value={value} onChange={onChange} label={label} choices={people.map(({ name }) => ({ value: name, label: name }))} />
              )}
            />
          )}
        </Row>
        <Row field="sla_deadline" found={found}>
          {() => (
            <Inline
              {...inline('sla_deadline')}
              shown={task.sla_deadline ? dateTime(task.sla_deadline) : <span className={styles.none}>No deadline</span>}
              text={toLocal(task.sla_deadline)}
              parse={(text) => ({ sla_deadline: text ? new Date(text).toISOString() : null })}
              input={({ value, onChange, label }) => (
                <input type="datetime-local" className={styles.input} aria-label={label} value={value} onChange={(event) => onChange(event.target.value)} />
              )}
              more={
                <Button
                  size="sm"
                  variant="ghost"
                  onClick={() => {
                    onOpen(null);
                    void save({ sla_hours: null });
                  }}
                >
                  As the policy says
                </Button>
              }
            />
          )}
        </Row>
        <Row field="dollar_value" found={found}>
          {() => (
            <Inline
              {...inline('dollar_value')}
              shown={<Money value={task.dollar_value} />}
              text={task.dollar_value.toFixed(2)}
              parse={(text) => {
                const dollar_value = amountOf(text);
                return dollar_value === undefined ? 'An amount such as 1,250.50' : { dollar_value };
              }}
            />
          )}
        </Row>
        <Row field="workflow_category" found={found}>
          {(id) => (
            <Picker
              id={id}
              value={task.workflow_category}
              choices={CATEGORIES.map((value) => ({ value, label: value }))}
              onChange={(workflow_category) => void save({ workflow_category })}
            />
          )}
        </Row>
        <Row field="tags" found={found}>
          {() => (
            <Inline
              {...inline('tags')}
              shown={
                task.tags.length > 0 ? (
                  <span className={styles.chips}>
                    {task.tags.map((tag) => (
                      <Tag key={tag}>{tag}</Tag>
                    ))}
                  </span>
                ) : (
                  <span className={styles.none}>None</span>
                )
              }
              text={task.tags.join(', ')}
              parse={(text) => ({ tags: listOf(text) })}
            />
          )}
        </Row>
        <Row field="waiting_on" found={found} note={task.waiting_on === 'customer' && task.sla_state === 'paused' && 'The clock stands still.'}>
          {(id) => (
            <Picker
              id={id}
              value={task.waiting_on ?? ''}
              choices={[{ value: '', label: 'Nobody' }, ...(['customer', 'vendor', 'internal'] as const).map((value) => ({ value, label: words(value) }))]}
              onChange={(value) => void save({ waiting_on: value === '' ? null : value })}
            />
          )}
        </Row>
        {(violated || task.breach_reason) && (
          <Row field="breach_reason" found={found}>
            {(id) => (
              <Picker
                id={id}
                value={task.breach_reason ?? ''}
                choices={[
                  { value: '', label: 'Not said' },
                  ...(['customer_delay', 'vendor_delay', 'capacity', 'missing_information', 'system_outage', 'misrouted', 'other'] as const).map((value) => ({
                    value,
                    label: words(value),
                  })),
                ]}
                onChange={(value) => void save({ breach_reason: value === '' ? null : value })}
              />
            )}
          </Row>
        )}
      </div>
    </Card>
  );
}

/** A new owner has the address that is known of them; nobody has none. */
export function ownerChange(text: string, people: readonly { name: string; email: string | null }[]): Change {
  const name = text.trim();
  if (name === '') return { current_owner: null, owner_email: null };
  const known = people.find((person) => person.name.toLowerCase() === name.toLowerCase());
  return { current_owner: known?.name ?? name, owner_email: known?.email ?? null };
}

interface RowProps {
  field: string;
  found: ReadonlySet<string>;
  note?: ReactNode;
  children: (labelId: string) => ReactNode;
}

function Row({ field, found, note, children }: RowProps) {
  const { task } = useEditing();
  const { active } = useHighlight();
  const pointing = usePointing(field);
  const id = useId();
  const why = task.analysis[field];
  const low = why !== undefined && why.confidence < LOW_CONFIDENCE && task.tags.includes('review');
  return (
    <div className={styles.row} {...(why && pointing)} data-on={(active === field && why !== undefined) || undefined} role="group" aria-labelledby={id} data-row={field}>
      <span id={id} className={styles.name}>
        {FIELD_NAMES[field]}
      </span>
      <div className={styles.value}>
        {children(id)}
        {note && <p className={styles.note}>{note}</p>}
        {low && (
          <p className={styles.note}>
            <CheckThis />
          </p>
        )}
      </div>
      <span className={styles.why} data-screen-only>
        <Why field={field} why={why} found={found.has(field)} />
      </span>
    </div>
  );
}

interface PickerProps<T extends string> {
  id: string;
  icon?: ReactNode;
  value: T;
  choices: readonly Choice<T>[];
  onChange: (value: T) => void;
}

function Picker<T extends string>({ id, icon, ...select }: PickerProps<T>) {
  const mayEdit = useMay('operator');
  return (
    <span className={styles.picker} data-icon={icon ? true : undefined}>
      {icon && <span>{icon}</span>}
      <Select aria-labelledby={id} disabled={!mayEdit} {...select} />
    </span>
  );
}

interface OwnerInputProps {
  value: string;
  label: string;
  choices: readonly Choice[];
  onChange: (value: string) => void;
}

function OwnerInput({ label, ...rest }: OwnerInputProps) {
  const id = useId();
  return (
    <>
      <label htmlFor={id} className="visually-hidden">
        {label}
      </label>
      <Combobox id={id} placeholder="Nobody" {...rest} />
    </>
  );
}
