import type { components } from '@workflow-intelligence/client';
import { useId, useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { CATEGORIES } from '../../data/categories';
import { http, unwrap } from '../../data/http';
import { words } from '../../data/format';
import { Problem } from '../../data/problem';
import { Button, Combobox, Dialog, Field, Input, PRIORITIES, Select, STATUSES, Textarea, toast, type FieldControl } from '../../ui';
import styles from './Dialogs.module.css';
import { fromLocal } from '../../data/local';

type Request = components['schemas']['CreateTaskRequest'];

const EMPTY = { title: '', workflow_category: CATEGORIES[0]!, task_status: 'GREEN' as const, priority: 'NORMAL' as const, current_owner: '', dollar_value: '', sla_deadline: '', tags: '', description: '' };
type Form = { [K in keyof typeof EMPTY]: K extends 'workflow_category' | 'task_status' | 'priority' ? NonNullable<Request[K]> : string };

/** What was written, as the API takes it. What is wrong with it the API says, by field. */
export function requestOf(form: Form): Request {
  const tags = form.tags.split(',').map((tag) => tag.trim()).filter(Boolean);
  const value = form.dollar_value.replaceAll(/[$,\s]/g, '');
  return {
    title: form.title.trim(),
    workflow_category: form.workflow_category,
    task_status: form.task_status,
    priority: form.priority,
    ...(form.current_owner.trim() && { current_owner: form.current_owner.trim() }),
    ...(value && { dollar_value: Number(value) }),
    ...(form.sla_deadline && { sla_deadline: fromLocal(form.sla_deadline) ?? null }),
    ...(tags.length > 0 && { tags }),
    ...(form.description.trim() && { description: form.description.trim() }),
  };
}

interface CreateTaskProps {
  owners: readonly string[];
  onClose: () => void;
  onCreated: () => void;
}

export function CreateTask({ owners, onClose, onCreated }: CreateTaskProps) {
  const id = useId();
  const [, navigate] = useLocation();
  const [form, setForm] = useState<Form>(EMPTY);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const set = <K extends keyof Form>(key: K, value: Form[K]) => setForm((old) => ({ ...old, [key]: value }));
  const amount = form.dollar_value.replaceAll(/[$,\s]/g, '');
  const errorAt = (key: keyof Form) =>
    key === 'dollar_value' && amount !== '' && Number.isNaN(Number(amount))
      ? 'This is not a number.'
      : (problem?.at(`/${key}`) ?? problem?.errors.find(({ pointer }) => pointer.startsWith(`/${key}/`))?.detail);
  const elsewhere = problem && !problem.errors.some(({ pointer }) => Object.keys(EMPTY).includes(pointer.split('/')[1] ?? ''));

  const create = async () => {
    if (busy || Number.isNaN(Number(amount))) return;
    setBusy(true);
    try {
      const made = await unwrap(http.POST('/api/workflow/create', { body: requestOf(form) }));
      onClose();
      onCreated();
      toast({
        kind: 'success',
        title: 'Task created',
        detail: form.title,
        action: { label: 'Open', onSelect: () => navigate(`/tasks/${encodeURIComponent(made.task_id)}`) },
      });
    } catch (cause) {
      setProblem(Problem.of(cause));
      setBusy(false);
      requestAnimationFrame(() => document.querySelector<HTMLElement>('dialog [aria-invalid]')?.focus());
    }
  };
  const field = (key: keyof Form, label: string, control: (control: FieldControl) => ReactNode, hint?: string) => (
    <Field label={label} hint={hint} error={errorAt(key)}>
      {control}
    </Field>
  );
  const input = (key: 'title' | 'dollar_value' | 'sla_deadline' | 'tags', more?: React.ComponentProps<'input'>) => (control: FieldControl) => (
    <Input {...control} {...more} value={form[key]} onChange={(event) => set(key, event.target.value)} />
  );

  return (
    <Dialog
      open
      onClose={onClose}
      title="New task"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form={id} busy={busy}>
            Create task
          </Button>
        </>
      }
    >
      <form
        id={id}
        noValidate
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        {field('title', 'Title', input('title', { autoFocus: true }))}
        <div className={styles.pair}>
          {field('workflow_category', 'Category', (control) => (
            <Select {...control} value={form.workflow_category} choices={CATEGORIES.map((value) => ({ value, label: value }))} onChange={(value) => set('workflow_category', value)} />
          ))}
          {field('current_owner', 'Owner', (control) => (
            <Combobox {...control} placeholder="Nobody" value={form.current_owner} choices={owners.map((value) => ({ value, label: value }))} onChange={(value) => set('current_owner', value)} />
          ))}
          {field('task_status', 'Status', (control) => (
            <Select {...control} value={form.task_status} choices={STATUSES.map((value) => ({ value, label: words(value) }))} onChange={(value) => set('task_status', value)} />
          ))}
          {field('priority', 'Priority', (control) => (
            <Select {...control} value={form.priority} choices={PRIORITIES.map((value) => ({ value, label: words(value) }))} onChange={(value) => set('priority', value)} />
          ))}
          {field('dollar_value', 'Value in dollars', input('dollar_value', { inputMode: 'decimal', placeholder: '0' }))}
          {field('sla_deadline', 'Deadline', input('sla_deadline', { type: 'datetime-local' }), 'Empty: as the SLA policy says.')}
        </div>
        {field('tags', 'Tags', input('tags'), 'Separated by commas.')}
        {field('description', 'Description', (control) => (
          <Textarea {...control} rows={3} value={form.description} onChange={(event) => set('description', event.target.value)} />
        ))}
        {elsewhere && (
          <p role="alert" className={styles.problem}>
            {problem.message}
            {problem.requestId && <> Request {problem.requestId}.</>}
          </p>
        )}
      </form>
    </Dialog>
  );
}
