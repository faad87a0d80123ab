import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { http, unwrap } from '../../../data/http';
import { Problem } from '../../../data/problem';
import { count, number } from '../../../data/format';
import { Button, Dialog, ErrorState, Field, Input, Skeleton } from '../../../ui';
import { Form } from '../shared/Form';
import type { Effect } from './book';
import { EffectSample } from './Effect';
import { useRecompute } from './SaveDialog';
import styles from './Sla.module.css';

/** Says what planning all open tasks anew would change, and does it. */
export function RecomputeDialog({ onClose }: { onClose: () => void }) {
  const [reason, setReason] = useState('');
  const run = useRecompute();
  const { mutate: look, ...dry } = useMutation<Effect, Problem>({
    mutationFn: async () => {
      const answer = await unwrap(http.POST('/api/sla/recompute', { body: { dry_run: true } }));
      if (!('changed' in answer)) throw new Problem(-1, { title: 'Not a dry run', detail: 'The server answered with a job.' });
      return answer;
    },
  });
  useEffect(() => look(), [look]);
  const effect = dry.data;
  const submit = () => {
    if (effect && effect.changed > 0 && !run.isPending) run.mutate(reason.trim() || undefined, { onSuccess: onClose });
  };
  return (
    <Dialog
      open
      title="Recompute deadlines"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep as they are</Button>
          <Button variant="primary" disabled={!effect || effect.changed === 0} busy={run.isPending} onClick={submit}>
            {effect && effect.changed > 0 ? `Recompute ${count(effect.matched, 'task')}` : 'Recompute'}
          </Button>
        </>
      }
    >
      {dry.error ? (
        <ErrorState error={dry.error} title="What would change could not be found out" onRetry={() => look()} />
      ) : !effect ? (
        <Skeleton label="Counting tasks" rows={4} />
      ) : (
        <Form onSubmit={submit}>
          <dl className={styles.figures}>
            <div>
              <dt>Open tasks</dt>
              <dd>{number(effect.matched)}</dd>
            </div>
            <div>
              <dt>Would move</dt>
              <dd>{number(effect.changed)}</dd>
            </div>
          </dl>
          {effect.examined < effect.matched && <p className={styles.quiet}>The oldest {number(effect.examined)} were looked at.</p>}
          <p className={styles.quiet}>Open tasks are planned anew from their beginning, with their pauses. Deadlines that were given with a task stay.</p>
          <EffectSample effect={effect} />
          {effect.changed > 0 && (
            <Field label="Reason (optional)" hint="Kept in the history of each task that changes.">
              {(field) => <Input {...field} value={reason} onChange={(event) => setReason(event.target.value)} />}
            </Field>
          )}
        </Form>
      )}
    </Dialog>
  );
}
