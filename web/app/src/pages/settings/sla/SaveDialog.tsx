import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, unwrap } from '../../../data/http';
import { Problem } from '../../../data/problem';
import { count } from '../../../data/format';
import { Button, Checkbox, Dialog, Field, Input, Skeleton, toast, toastProblem } from '../../../ui';
import { Form, FormProblem } from '../shared/Form';
import { useDryRun, useSaveBook, type Book, type Revision } from './book';
import { EffectLine, EffectSample } from './Effect';
import styles from './Sla.module.css';
import { WhatIf } from './WhatIf';

/** Plans the open tasks anew, and says what it came to. */
export function useRecompute() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (reason: string | undefined) => unwrap(http.POST('/api/sla/recompute', { body: { dry_run: false, ...(reason && { reason }) } })),
    onSuccess: (accepted) => {
      void queries.invalidateQueries({ queryKey: ['tasks'] });
      if ('job_id' in accepted) toast({ kind: 'success', title: `Recomputing ${count(accepted.matched, 'open task')}`, detail: <a href={`/ops/jobs/${encodeURIComponent(accepted.job_id)}`}>Follow the job</a> });
    },
    onError: (cause) => toastProblem(cause, 'The deadlines were not recomputed'),
  });
}

interface SaveDialogProps {
  title: string;
  confirm: string;
  danger?: boolean;
  /** The book as it is to be. */
  book: Book;
  /** The revision it was made from. */
  revision: number;
  onClose: () => void;
  onSaved: () => void;
  /** Makes the same change to the newest book, after somebody else's. */
  onNewest: (newest: Revision) => void;
}

/** Says what a change of the book comes to before it is made. */
export function SaveDialog({ title, confirm, danger, book, revision, onClose, onSaved, onNewest }: SaveDialogProps) {
  const [reason, setReason] = useState('');
  const [recompute, setRecompute] = useState(false);
  const [loading, setLoading] = useState(false);
  const queries = useQueryClient();
  const dryRun = useDryRun(book);
  const save = useSaveBook();
  const again = useRecompute();
  const problem = save.error ?? dryRun.error;
  const moves = (dryRun.data?.effect?.changed ?? 0) > 0;

  const submit = () => {
    if (save.isPending) return;
    const why = reason.trim() || undefined;
    save.mutate(
      { book, revision, reason: why },
      {
        onSuccess: (change) => {
          toast({ kind: 'success', title: change.changed ? `Saved as revision ${change.revision}` : 'Nothing was to be changed' });
          if (recompute) again.mutate(why);
          onSaved();
        },
      },
    );
  };
  const takeNewest = async () => {
    setLoading(true);
    try {
      const newest = await unwrap(http.GET('/api/sla'));
      queries.setQueryData(['sla', 'book'], newest);
      save.reset();
      onNewest(newest);
    } catch (cause) {
      toastProblem(Problem.of(cause), 'The newest book could not be loaded');
    } finally {
      setLoading(false);
    }
  };

  return (
    <Dialog
      open
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep editing</Button>
          <Button variant={danger ? 'danger' : 'primary'} busy={save.isPending} disabled={!!problem} onClick={submit}>
            {confirm}
          </Button>
        </>
      }
    >
      <Form onSubmit={() => !problem && submit()}>
        {dryRun.isPending ? <Skeleton label="Counting tasks" rows={2} /> : <EffectLine dryRun={dryRun} />}
        {!dryRun.error && dryRun.data?.effect && <EffectSample effect={dryRun.data.effect} />}
        {!dryRun.error && <WhatIf book={book} />}
        <FormProblem problem={problem} shown={[]}>
          {problem?.conflict && (
            <Button size="sm" icon="refresh" busy={loading} onClick={() => void takeNewest()}>
              Make the same change to the newest book
            </Button>
          )}
        </FormProblem>
        <p className={styles.quiet}>The new revision is for tasks that are created or change from now on. Other deadlines stay until they are recomputed.</p>
        <Checkbox label="Recompute open tasks now" disabled={!moves} checked={recompute && moves} onChange={setRecompute} />
        <Field label="Reason (optional)" hint="Kept with the revision and in the audit trail.">
          {(field) => <Input {...field} value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
      </Form>
    </Dialog>
  );
}
