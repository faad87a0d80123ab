import { useQueryClient } from '@tanstack/react-query';
import type { components } from '@workflow-intelligence/client';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { http, unwrap } from '../../data/http';
import { Checkbox, ConfirmDialog, Field, Input, toast, toastProblem } from '../../ui';
import styles from './Activity.module.css';
import type { Email, Regrouping, Task } from './types';

type TaskRow = components['schemas']['TaskRow'];
const WAIT = { header: { Prefer: 'wait=10' } };

/** Takes a merge or a split back; gives what stays as it is. */
export async function undo({ id, kind }: Pick<Regrouping, 'id' | 'kind'>, reason: string | undefined): Promise<void> {
  const options = { params: { path: { id }, ...WAIT }, body: { reason: reason ?? null } };
  const undone = await unwrap(kind === 'merge' ? http.POST('/api/workflow/merge/{id}/undo', options) : http.POST('/api/workflow/split/{id}/undo', options));
  const kept = 'restored' in undone ? [...undone.kept_fields, ...undone.kept_emails] : [];
  toast({
    kind: 'success',
    title: kind === 'merge' ? 'The merge is undone' : 'The split is undone',
    ...(kept.length > 0 && { detail: `Changed since, and left as it is: ${kept.join(', ')}` }),
  });
}

/** Merges another task into this one, or this one into another. */
export function MergeDialog({ task, other, onClose }: { task: Task; other: TaskRow; onClose: () => void }) {
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [intoOther, setIntoOther] = useState(false);
  const [left, gone] = intoOther ? [other, task] : [task, other];
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title="Merge the tasks?"
      confirm={intoOther ? 'Merge into the other' : 'Merge into this'}
      reason="optional"
      onConfirm={async (reason) => {
        const merged = await unwrap(
          http.POST('/api/workflow/merge', { params: WAIT, body: { into: left.task_id, from: [gone.task_id], reason: reason ?? null } }),
        );
        const id = 'merge_id' in merged ? merged.merge_id : merged.id;
        toast({
          kind: 'success',
          title: 'The tasks are merged',
          detail: left.title,
          action: { label: 'Undo', onSelect: () => void undo({ id, kind: 'merge' }, undefined).then(() => queries.invalidateQueries(), toastProblem) },
        });
        if (intoOther) navigate(`/tasks/${encodeURIComponent(other.task_id)}`);
        void queries.invalidateQueries({ queryKey: ['task'] });
        void queries.invalidateQueries({ queryKey: ['tasks'] });
      }}
    >
      <div className={styles.stack}>
        <p>
          “{gone.title}” ends in “{left.title}”, with its mails and comments. Later mail about it goes there. This can be undone.
        </p>
        <Checkbox label="Keep the other task instead" checked={intoOther} onChange={setIntoOther} />
      </div>
    </ConfirmDialog>
  );
}

/** Gives some mails of the task a task of their own. */
export function SplitDialog({ task, emails, onClose }: { task: Task; emails: readonly Email[]; onClose: () => void }) {
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [chosen, setChosen] = useState<readonly string[]>(emails.slice(-1).map(({ id }) => id));
  const [title, setTitle] = useState('');
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title="Split off mails"
      confirm={chosen.length === 1 ? 'Split off 1 mail' : `Split off ${chosen.length} mails`}
      reason="optional"
      onConfirm={async (reason) => {
        if (chosen.length === 0) throw new Error('Choose at least one mail.');
        if (chosen.length === emails.length) throw new Error('At least one mail has to stay.');
        const split = await unwrap(
          http.POST('/api/workflow/split/{task_id}', {
            params: { path: { task_id: task.task_id }, ...WAIT },
            body: { emails: [...chosen], reason: reason ?? null, title: title.trim() || null },
          }),
        );
        toast({
          kind: 'success',
          title: 'The mails have a task of their own',
          action: { label: 'Open it', onSelect: () => navigate(`/tasks/${encodeURIComponent(split.task_id)}`) },
        });
        void queries.invalidateQueries({ queryKey: ['task'] });
        void queries.invalidateQueries({ queryKey: ['tasks'] });
      }}
    >
      <div className={styles.stack}>
        <p>They get a task that says what they say. At least one mail stays. This can be undone.</p>
        <fieldset className={styles.checks}>
          <legend className="visually-hidden">Mails</legend>
          {emails.map(({ id, subject, sender }) => (
            <Checkbox
              key={id}
              label={`${subject ?? 'No subject'}, ${sender ?? 'unknown sender'}`}
              checked={chosen.includes(id)}
              onChange={(on) => setChosen(on ? [...chosen, id] : chosen.filter((other) => other !== id))}
            />
          ))}
        </fieldset>
        <Field label="Title of the new task" hint="Otherwise its first mail says it.">
          {(field) => <Input {...field} value={title} onChange={(event) => setTitle(event.target.value)} />}
        </Field>
      </div>
    </ConfirmDialog>
  );
}
