import { useQueryClient } from '@tanstack/react-query';
import type { components } from '@workflow-intelligence/client';
import { useState } from 'react';
import { CATEGORIES } from '../../data/categories';
import { words } from '../../data/format';
import { http, unwrap } from '../../data/http';
import { Problem } from '../../data/problem';
import { Button, Checkbox, Dialog, Field, Input, PRIORITIES, Select, STATUSES, Textarea, toast, type Status } from '../../ui';
import { amountOf, listOf, same } from './edit';
import styles from './Correct.module.css';
import { ENTITY_LISTS, LOW_CONFIDENCE, STATES, type Email, type Entities, type Task } from './types';
import { useEditing } from './useTask';
import { CheckThis } from './Why';

type Correction = components['schemas']['CorrectTaskRequest'];

/** What of the form differs from the task. Lists that are the same are not named. */
export function correctionOf(task: Task, form: Form): Correction | string {
  if (form.isNoise) return { is_noise: true };
  const amount = amountOf(form.value);
  if (amount === undefined) return 'The value has to be an amount such as 1,250.50.';
  const lists = ENTITY_LISTS.map(([list]) => [list, listOf(form.lists[list])] as const).filter(([list, values]) => !same(values, task.entities[list]));
  return {
    ...(form.category !== task.workflow_category && { workflow_category: form.category }),
    ...(form.state !== task.workflow_state && { workflow_state: form.state }),
    ...(form.status !== task.manual_status && { task_status: form.status }),
    ...(form.priority !== task.priority && { priority: form.priority }),
    ...(amount !== task.dollar_value && { dollar_value: amount }),
    ...(lists.length > 0 && { entities: Object.fromEntries(lists) as Partial<Entities> }),
  };
}

/** To agree is to say what the mail was read as. */
export const agreement = (task: Task): Correction => ({ workflow_category: task.workflow_category, workflow_state: task.workflow_state });

export interface Form {
  isNoise: boolean;
  category: Task['workflow_category'];
  state: Task['workflow_state'];
  status: Status;
  priority: Task['priority'];
  value: string;
  lists: Record<keyof Entities, string>;
}

export function formOf(task: Task): Form {
  return {
    isNoise: false,
    category: task.workflow_category,
    state: task.workflow_state,
    status: task.manual_status,
    priority: task.priority,
    value: String(task.dollar_value),
    lists: Object.fromEntries(ENTITY_LISTS.map(([list]) => [list, task.entities[list].join('\n')])) as Record<keyof Entities, string>,
  };
}

export function correct(task: Task, correction: Correction) {
  return unwrap<unknown>(
    http.POST('/api/workflow/correct/{task_id}', { params: { path: { task_id: task.task_id }, header: { Prefer: 'wait=10' } }, body: correction }),
  );
}

/** Says what the mail should have been read as. */
export function CorrectDialog({ emails, onClose }: { emails: readonly Email[]; onClose: () => void }) {
  const { task } = useEditing();
  const queries = useQueryClient();
  const [form, setForm] = useState(() => formOf(task));
  const [emailId, setEmailId] = useState(task.email_id ?? emails[0]?.id ?? '');
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Problem>();
  const set = (change: Partial<Form>) => setForm((old) => ({ ...old, ...change }));

  const send = async () => {
    if (busy) return;
    const correction = correctionOf(task, form);
    if (typeof correction === 'string') return setWrong(Problem.of(new Error(correction)));
    if (Object.keys(correction).length === 0) return setWrong(Problem.of(new Error('Nothing differs from what was read.')));
    setBusy(true);
    try {
      await correct(task, { ...correction, ...(emailId && { email_id: emailId }), ...(reason.trim() && { reason: reason.trim() }) });
      toast({ kind: 'success', title: form.isNoise ? 'The mail counts as noise' : 'The reading is corrected' });
      onClose();
      void queries.invalidateQueries({ queryKey: ['task', task.task_id] });
      void queries.invalidateQueries({ queryKey: ['tasks'] });
    } catch (cause) {
      setWrong(Problem.of(cause));
      setBusy(false);
    }
  };
  const low = (field: string) => (task.analysis[field]?.confidence ?? 1) < LOW_CONFIDENCE;
  const label = (name: string, field: string) => (
    <>
      {name} {low(field) && <CheckThis />}
    </>
  );

  return (
    <Dialog
      open
      onClose={onClose}
      title="Correct what was read"
      size="lg"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant={form.isNoise ? 'danger' : 'primary'} busy={busy} onClick={() => void send()}>
            {form.isNoise ? 'Mark as noise' : 'Correct'}
          </Button>
        </>
      }
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        {emails.length > 1 && (
          <Field label="Mail">
            {(field) => (
              <Select {...field} value={emailId} choices={emails.map(({ id, subject }) => ({ value: id, label: subject ?? 'No subject' }))} onChange={setEmailId} />
            )}
          </Field>
        )}
        <Checkbox label="It should have made no task (noise)" checked={form.isNoise} onChange={(isNoise) => set({ isNoise })} />
        {form.isNoise ? (
          <p className={styles.warning}>If this mail opened the task, the task is deleted.</p>
        ) : (
          <>
            <div className={styles.grid}>
              <Field label={label('Category', 'workflow_category')}>
                {(field) => (
                  <Select {...field} value={form.category} choices={CATEGORIES.map((value) => ({ value, label: value }))} onChange={(category) => set({ category })} />
                )}
              </Field>
              <Field label={label('State', 'workflow_state')}>
                {(field) => <Select {...field} value={form.state} choices={STATES} onChange={(state) => set({ state })} />}
              </Field>
              <Field label={label('Status', 'task_status')}>
                {(field) => (
                  <Select {...field} value={form.status} choices={STATUSES.map((value) => ({ value, label: words(value) }))} onChange={(status) => set({ status })} />
                )}
              </Field>
              <Field label={label('Priority', 'priority')}>
                {(field) => (
                  <Select {...field} value={form.priority} choices={PRIORITIES.map((value) => ({ value, label: words(value) }))} onChange={(priority) => set({ priority })} />
                )}
              </Field>
              <Field label={label('Value in dollars', 'dollar_value')}>
                {(field) => <Input {...field} inputMode="decimal" value={form.value} onChange={(event) => set({ value: event.target.value })} />}
              </Field>
            </div>
            <fieldset className={styles.lists}>
              <legend>Numbers and names, one a line</legend>
              <div className={styles.grid}>
                {ENTITY_LISTS.map(([list, name]) => (
                  <Field key={list} label={label(name, list)}>
                    {(field) => (
                      <Textarea
                        {...field}
                        rows={2}
                        value={form.lists[list]}
                        onChange={(event) => set({ lists: { ...form.lists, [list]: event.target.value } })}
                      />
                    )}
                  </Field>
                ))}
              </div>
            </fieldset>
          </>
        )}
        <Field label="Reason (optional)" hint="Kept in the history.">
          {(field) => <Input {...field} value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
        {wrong && (
          <p role="alert" className={styles.error}>
            {wrong.message}
            {wrong.requestId && ` Request ${wrong.requestId}.`}
          </p>
        )}
      </form>
    </Dialog>
  );
}
