import { CATEGORIES } from '../../../data/categories';
import { words } from '../../../data/format';
import { Button, Checkbox, Field, IconButton, Input, PRIORITIES, Select, Textarea } from '../../../ui';
import { Choices, Group, Row } from '../shared/Form';
import { nextKey, type Action, type PolicyDraft, type StepDraft, type TargetDraft, type ThresholdDraft } from './draft';
import styles from './Sla.module.css';

/** What is wrong at or in a place of the policy, such as `/when/categories`; `exactly`: not in it. */
type Fault = (place: string, exactly?: boolean) => string | undefined;

interface FieldsProps {
  draft: PolicyDraft;
  set: (change: Partial<PolicyDraft>) => void;
  fault: Fault;
}

/** Which tasks a policy is for. */
export function ConditionFields({ draft, set, fault }: FieldsProps) {
  return (
    <>
      <Choices
        label="Categories"
        hint="One of these. Any if none is chosen."
        error={fault('/when/categories')}
        choices={CATEGORIES.map((value) => ({ value, label: value }))}
        selected={draft.categories}
        onChange={(categories) => set({ categories })}
      />
      <Choices
        label="Priorities"
        error={fault('/when/priorities')}
        choices={PRIORITIES.map((value) => ({ value, label: words(value) }))}
        selected={draft.priorities}
        onChange={(priorities) => set({ priorities })}
      />
      <Row>
        <Field label="Worth at least ($)" error={fault('/when/min_value')}>
          {(field) => <Input {...field} type="number" min={0} step="any" placeholder="Any value" value={draft.minValue} onChange={(event) => set({ minValue: event.target.value })} />}
        </Field>
        <Field label="Worth at most ($)" error={fault('/when/max_value')}>
          {(field) => <Input {...field} type="number" min={0} step="any" placeholder="Any value" value={draft.maxValue} onChange={(event) => set({ maxValue: event.target.value })} />}
        </Field>
      </Row>
      <Row>
        <Field label="Customers" hint="One a line. Any if empty." error={fault('/when/customers')}>
          {(field) => <Textarea {...field} rows={2} value={draft.customers} onChange={(event) => set({ customers: event.target.value })} />}
        </Field>
        <Field label="Mailboxes" hint="One a line. Any if empty." error={fault('/when/mailboxes')}>
          {(field) => <Textarea {...field} rows={2} value={draft.mailboxes} onChange={(event) => set({ mailboxes: event.target.value })} />}
        </Field>
      </Row>
    </>
  );
}

interface TargetProps {
  label: string;
  hint?: string;
  place: string;
  optional?: boolean;
  target: TargetDraft;
  onChange: (target: TargetDraft) => void;
  fault: Fault;
}

/** Hours: one number, or one a priority. */
export function TargetFields({ label, hint, place, optional, target, onChange, fault }: TargetProps) {
  const kinds = [
    ...(optional ? [{ value: 'none' as const, label: 'None' }] : []),
    { value: 'one' as const, label: 'The same for all' },
    { value: 'each' as const, label: 'By priority' },
  ];
  return (
    <Group label={label} hint={hint} error={target.kind === 'one' ? undefined : fault(place, true)}>
      <div className={styles.amount}>
        <Select aria-label={`${label}: for whom`} value={target.kind} choices={kinds} onChange={(kind) => onChange({ ...target, kind })} />
        {target.kind === 'one' && (
          <Field label={`${label}: hours`} hideLabel error={fault(place)}>
            {(field) => <Input {...field} type="number" min={0} step="any" value={target.one} onChange={(event) => onChange({ ...target, one: event.target.value })} />}
          </Field>
        )}
      </div>
      {target.kind === 'each' && (
        <div className={styles.each}>
          {PRIORITIES.map((priority) => (
            <Field key={priority} label={words(priority)} error={fault(`${place}/${priority}`)}>
              {(field) => (
                <Input
                  {...field}
                  type="number"
                  min={0}
                  step="any"
                  value={target.each[priority]}
                  onChange={(event) => onChange({ ...target, each: { ...target.each, [priority]: event.target.value } })}
                />
              )}
            </Field>
          ))}
        </div>
      )}
    </Group>
  );
}

interface ThresholdProps {
  label: string;
  usual: string;
  place: string;
  threshold: ThresholdDraft;
  onChange: (threshold: ThresholdDraft) => void;
  fault: Fault;
}

/** When a level begins: hours before the deadline, or a part of the target. */
export function ThresholdFields({ label, usual, place, threshold, onChange, fault }: ThresholdProps) {
  return (
    <Group label={label} hint={threshold.kind === 'usual' ? usual : undefined} error={threshold.kind === 'usual' ? fault(place) : undefined}>
      <div className={styles.amount}>
        <Select
          aria-label={`${label}: how it is given`}
          value={threshold.kind}
          choices={[
            { value: 'usual', label: 'As usual' },
            { value: 'hours', label: 'Hours before' },
            { value: 'percent', label: 'Percent left' },
          ]}
          onChange={(kind) => onChange({ kind, value: threshold.value || (kind === 'hours' ? '4' : '25') })}
        />
        {threshold.kind !== 'usual' && (
          <Field label={`${label}: ${threshold.kind}`} hideLabel error={fault(place)}>
            {(field) => <Input {...field} type="number" min={0} step="any" value={threshold.value} onChange={(event) => onChange({ ...threshold, value: event.target.value })} />}
          </Field>
        )}
      </div>
    </Group>
  );
}

/** When the clock stands still. */
export function PauseFields({ draft, set }: Omit<FieldsProps, 'fault'>) {
  return (
    <Group label="The clock stands still">
      <div className={styles.checks}>
        <Checkbox label="While waiting on the customer" checked={draft.pauseWaiting} onChange={(pauseWaiting) => set({ pauseWaiting })} />
        <Checkbox label="While the task is snoozed" checked={draft.pauseSnoozed} onChange={(pauseSnoozed) => set({ pauseSnoozed })} />
      </div>
    </Group>
  );
}

const ACTIONS: readonly { value: Action; label: string }[] = [
  { value: 'notify', label: 'Tell people' },
  { value: 'reassign', label: 'Give the task to' },
  { value: 'raise_priority', label: 'Raise the priority' },
];

/** What happens before and after the deadline. */
export function StepFields({ draft, set, fault }: FieldsProps) {
  const change = (at: number, step: Partial<StepDraft>) => set({ steps: draft.steps.map((old, other) => (other === at ? { ...old, ...step } : old)) });
  return (
    <Group label="Escalation" hint="In order of time; once for each deadline." error={draft.steps.length === 0 ? fault('/escalations', true) : undefined}>
      <div className={styles.steps}>
        {draft.steps.map((step, at) => {
          const name = `Step ${at + 1}`;
          return (
            <div key={step.key} role="group" aria-label={name} className={styles.step}>
              <Field label={`${name}: hours`} hideLabel error={fault(`/escalations/${at}/hours`)}>
                {(field) => <Input {...field} type="number" min={0} step="any" value={step.hours} onChange={(event) => change(at, { hours: event.target.value })} />}
              </Field>
              <Select
                aria-label={`${name}: before or after the deadline`}
                value={step.side}
                choices={[
                  { value: 'before', label: 'h before' },
                  { value: 'after', label: 'h after' },
                ]}
                onChange={(side) => change(at, { side })}
              />
              <Field label={`${name}: what happens`} hideLabel error={fault(`/escalations/${at}/action`)}>
                {(field) => <Select {...field} value={step.action} choices={ACTIONS} onChange={(action) => change(at, { action })} />}
              </Field>
              {step.action === 'raise_priority' ? (
                <span />
              ) : (
                <Field label={`${name}: whom`} hideLabel error={fault(`/escalations/${at}/to`)}>
                  {(field) => <Input {...field} placeholder={step.action === 'notify' ? 'Whom, the owner if empty' : 'Who'} value={step.to} onChange={(event) => change(at, { to: event.target.value })} />}
                </Field>
              )}
              <IconButton icon="trash" label={`Remove step ${at + 1}`} onClick={() => set({ steps: draft.steps.filter((_, other) => other !== at) })} />
            </div>
          );
        })}
      </div>
      <div>
        <Button size="sm" icon="plus" onClick={() => set({ steps: [...draft.steps, { key: nextKey(), hours: '1', side: 'after', action: 'notify', to: '' }] })}>
          Add a step
        </Button>
      </div>
    </Group>
  );
}
