import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { count } from '../../../data/format';
import { http, unwrap } from '../../../data/http';
import { serverNow } from '../../../data/live';
import { Field, Input, Select, toast } from '../../../ui';
import { FormDialog } from '../common/FormDialog';
import { fromLocal } from '../../../data/local';
import type { Queue } from '../common/jobs';
import parts from '../common/parts.module.css';

const SPANS = [
  { value: '', label: 'Until somebody resumes it' },
  { value: '15', label: 'For 15 minutes' },
  { value: '60', label: 'For an hour' },
  { value: '240', label: 'For 4 hours' },
  { value: 'at', label: 'Until a time…' },
] as const;

export function PauseQueue({ queue, onClose }: { queue: Queue; onClose: () => void }) {
  const queries = useQueryClient();
  const [span, setSpan] = useState<(typeof SPANS)[number]['value']>('');
  const [at, setAt] = useState('');
  const { name, depth } = queue;
  const waiting = depth.available + depth.pending;
  const past = span === 'at' && at !== '' && Date.parse(at) <= serverNow();
  return (
    <FormDialog
      title={`Pause ${name}?`}
      submit={`Pause ${name}`}
      reasonFirst
      ready={span !== 'at' || (fromLocal(at) !== undefined && !past)}
      onClose={onClose}
      onSubmit={async (reason) => {
        const until = span === '' ? undefined : span === 'at' ? fromLocal(at) : new Date(serverNow() + Number(span) * 60_000).toISOString();
        await unwrap(
          http.POST('/api/queues/{name}/pause', { params: { path: { name } }, body: { ...(reason && { reason }), ...(until && { until }) } }),
        );
        await queries.invalidateQueries({ queryKey: ['queues'] });
        toast({ kind: 'success', title: `${name} is paused` });
      }}
    >
      <p>
        Nothing new is given out on any worker. {depth.running > 0 ? `${count(depth.running, 'job')} that run${depth.running === 1 ? 's' : ''} now go${depth.running === 1 ? 'es' : ''} on. ` : ''}
        {waiting > 0 ? `${count(waiting, 'job')} will wait.` : 'No job waits at this moment.'}
      </p>
      <Field label="How long">{(field) => <Select {...field} value={span} choices={SPANS} onChange={setSpan} />}</Field>
      {span === 'at' && (
        <Field label="Until" hint="In your time zone." error={past ? 'That is in the past.' : undefined}>
          {(field) => <Input {...field} className={parts.figure} type="datetime-local" value={at} onChange={(event) => setAt(event.target.value)} />}
        </Field>
      )}
    </FormDialog>
  );
}
