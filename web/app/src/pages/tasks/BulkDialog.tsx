import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { CATEGORIES } from '../../data/categories';
import { count, words } from '../../data/format';
import { Problem } from '../../data/problem';
import { Button, Combobox, Dialog, ErrorState, Field, Input, PRIORITIES, Select, Skeleton, STATUSES, Textarea } from '../../ui';
import { applyBulk, previewBulk, type Target } from './bulk';
import styles from './Dialogs.module.css';
import { FIELD_LABELS, said, type Updates } from './edit';
import { STATES, type TaskRow } from './filters';
import { fromLocal } from '../../data/local';

type FieldName = keyof Updates;
const FIELDS: readonly FieldName[] = ['task_status', 'priority', 'current_owner', 'sla_deadline', 'workflow_state', 'workflow_category', 'tags'];
const CHOICES: Partial<Record<FieldName, readonly string[]>> = {
  task_status: STATUSES,
  priority: PRIORITIES,
  workflow_state: STATES,
  workflow_category: CATEGORIES,
};

/** What was put into the form, as the API takes it; undefined while nothing was. */
function updatesOf(field: FieldName, value: string): Updates | undefined {
  if (field === 'tags') return { tags: value.split(',').map((tag) => tag.trim()).filter(Boolean) };
  if (field === 'current_owner') return { current_owner: value.trim() || null };
  if (field === 'sla_deadline') return value ? { sla_deadline: fromLocal(value) ?? null } : { sla_deadline: null };
  return value ? ({ [field]: value } as Updates) : undefined;
}

interface BulkDialogProps {
  target: Target;
  owners: readonly string[];
  onClose: () => void;
  onApplied: () => void;
  /** When the change is over, and when it was undone. */
  onEnd: () => void;
}

/** Changes one field of many tasks, and shows before which and how. */
export function BulkDialog({ target, owners, onClose, onApplied, onEnd }: BulkDialogProps) {
  const form = useId();
  const [field, setField] = useState<FieldName>('task_status');
  const [value, setValue] = useState<string>('');
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const choices = CHOICES[field];
  const updates = updatesOf(field, choices && !choices.includes(value) ? (choices[0] ?? '') : value);
  const preview = useQuery({
    queryKey: ['tasks', 'bulk', target, updates],
    queryFn: ({ signal }) => previewBulk(target, updates!, signal),
    enabled: updates !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
    meta: { live: 'patch' },
  });
  const matched = preview.data?.matched;
  const apply = async () => {
    if (!updates || !matched || busy || preview.error) return;
    setBusy(true);
    try {
      await applyBulk(target, updates, reason.trim(), onEnd);
      onApplied();
    } catch (cause) {
      setProblem(Problem.of(cause));
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Change many tasks"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form={form} busy={busy} disabled={!matched || !!preview.error}>
            {matched === undefined ? 'Change' : `Change ${count(matched, 'task')}`}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void apply();
        }}
      >
        <div className={styles.pair}>
          <Field label="Change">
            {(control) => (
              <Select
                {...control}
                value={field}
                choices={FIELDS.map((name) => ({ value: name, label: FIELD_LABELS[name] }))}
                onChange={(name) => {
                  setField(name);
                  setValue('');
                }}
              />
            )}
          </Field>
          <Field
            label="To"
            hint={{ current_owner: 'Empty for nobody.', sla_deadline: 'In your time zone; empty for none.', tags: 'Separated by commas. They replace those that are there.' }[field as string]}
          >
            {(control) =>
              choices ? (
                <Select
                  {...control}
                  value={choices.includes(value) ? value : (choices[0] ?? '')}
                  choices={choices.map((one) => ({ value: one, label: field === 'workflow_category' ? one : words(one) }))}
                  onChange={setValue}
                />
              ) : field === 'current_owner' ? (
                <Combobox {...control} value={value} choices={owners.map((name) => ({ value: name, label: name }))} onChange={setValue} />
              ) : (
                <Input {...control} type={field === 'sla_deadline' ? 'datetime-local' : 'text'} value={value} onChange={(event) => setValue(event.target.value)} />
              )
            }
          </Field>
        </div>
        <Field label="Reason (optional)" hint="Kept in the history of each task.">
          {(control) => <Textarea {...control} rows={2} value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
        {preview.error ? (
          <ErrorState error={preview.error} title="This cannot be done" onRetry={() => void preview.refetch()} />
        ) : preview.data && updates ? (
          <Sample matched={preview.data.matched} sample={preview.data.sample} field={field} updates={updates} />
        ) : (
          <Skeleton label="Loading the preview" rows={3} />
        )}
        {problem && (
          <p role="alert" className={styles.problem}>
            {problem.message}
            {problem.requestId && <> Request {problem.requestId}.</>}
          </p>
        )}
      </form>
    </Dialog>
  );
}

function Sample({ matched, sample, field, updates }: { matched: number; sample: readonly TaskRow[]; field: FieldName; updates: Updates }) {
  const after = said(field, updates[field]);
  return (
    <section aria-label="Preview" className={styles.preview}>
      <p role="status" className={styles.matched}>
        {matched === 0 ? 'No task matches' : `${count(matched, 'task')} ${matched === 1 ? 'matches' : 'match'}`}
      </p>
      <ul>
        {sample.slice(0, 6).map((task) => {
          const before = said(field, task[field]);
          return (
            <li key={task.task_id} className={styles.sample}>
              <span className={styles.name}>{task.title}</span>
              {before === after ? (
                <span className={styles.muted}>stays {after}</span>
              ) : (
                <span>
                  <span className={styles.muted}>{before}</span> <span aria-hidden="true">→</span>
                  <span className="visually-hidden">becomes</span> {after}
                </span>
              )}
            </li>
          );
        })}
      </ul>
      {matched > 6 && <p className={styles.muted}>and {count(matched - Math.min(6, sample.length), 'other')}</p>}
    </section>
  );
}
