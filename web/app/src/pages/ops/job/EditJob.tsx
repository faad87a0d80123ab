import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, unwrap } from '../../../data/http';
import { Field, Input, Select, toast } from '../../../ui';
import { FormDialog } from '../common/FormDialog';
import { fromLocal, toLocal } from '../../../data/local';
import { PRIORITIES, PRIORITY_WORDS, type Job } from '../common/jobs';
import parts from '../common/parts.module.css';

/** Priority and time, which is what the API lets be changed. */
export function EditJob({ job, onClose }: { job: Job; onClose: () => void }) {
  const queries = useQueryClient();
  const [priority, setPriority] = useState(String(job.priority));
  const [runAt, setRunAt] = useState(toLocal(job.run_at));
  const at = fromLocal(runAt);
  const changes = {
    ...(priority !== String(job.priority) && { priority: Number(priority) }),
    ...(runAt !== toLocal(job.run_at) && at && { run_at: at }),
  };
  return (
    <FormDialog
      title={`Edit job ${job.id}`}
      submit="Save"
      onClose={onClose}
      ready={Object.keys(changes).length > 0}
      onSubmit={async (reason) => {
        const path = { job_id: job.id };
        const edited = await unwrap(http.PATCH('/api/jobs/{job_id}', { params: { path }, body: { ...changes, ...(reason && { reason }) } }));
        queries.setQueryData(['jobs', 'one', job.id], edited);
        void queries.invalidateQueries({ queryKey: ['jobs', 'list'] });
        toast({ kind: 'success', title: `Job ${job.id} was changed` });
      }}
    >
      <div className={parts.row}>
        <Field label="Priority" hint="The most urgent of a queue runs first.">
          {(field) => <Select {...field} value={priority} choices={PRIORITIES.map((value) => ({ value: value as string, label: PRIORITY_WORDS[value] ?? value }))} onChange={setPriority} />}
        </Field>
        <Field label="May run from" hint="In your time zone." error={at ? undefined : 'A time is needed.'}>
          {(field) => <Input {...field} type="datetime-local" value={runAt} onChange={(event) => setRunAt(event.target.value)} />}
        </Field>
      </div>
    </FormDialog>
  );
}
