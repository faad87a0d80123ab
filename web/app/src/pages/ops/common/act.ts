import { useQueryClient } from '@tanstack/react-query';
import { http, unwrap } from '../../../data/http';
import { toast, toastProblem } from '../../../ui';
import { ACTIONS, type BulkAction, type Job } from './jobs';

function request(action: BulkAction, job_id: string, reason: string | undefined): Promise<Job> {
  const options = { params: { path: { job_id } }, body: reason ? { reason } : {} };
  switch (action) {
    case 'retry':
      return unwrap(http.POST('/api/jobs/{job_id}/retry', options));
    case 'run':
      return unwrap(http.POST('/api/jobs/{job_id}/run', options));
    case 'cancel':
      return unwrap(http.POST('/api/jobs/{job_id}/cancel', options));
    case 'delete':
      return unwrap(http.DELETE('/api/jobs/{job_id}', options));
  }
}

/** Does something to one job, says so, and has what shows it fetched again. Throws what went wrong. */
export function useJobAction(): (action: BulkAction, job: Job, reason?: string) => Promise<void> {
  const queries = useQueryClient();
  return async (action, job, reason) => {
    await request(action, job.id, reason);
    toast({ kind: 'success', title: `Job ${job.id} was ${ACTIONS[action].done}` });
    // What was removed is not asked for again.
    if (action === 'delete') queries.removeQueries({ queryKey: ['jobs', 'one', job.id] });
    for (const topic of ['jobs', 'queues'] as const) void queries.invalidateQueries({ queryKey: [topic] });
  };
}

/** For what needs no confirmation: what went wrong is said in a toast. */
export const orToast = (done: Promise<unknown>, title: string): void => void done.catch((cause: unknown) => toastProblem(cause, title));
