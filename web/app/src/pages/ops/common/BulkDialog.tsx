import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { count, number } from '../../../data/format';
import { http, unwrapAnswer, unwrap } from '../../../data/http';
import { Problem } from '../../../data/problem';
import { Button, ConfirmDialog, Dialog, EmptyState, ErrorState, Progress, Skeleton } from '../../../ui';
import { ACTIONS, isOver, narrow, type BulkAction, type Job, type JobFilter } from './jobs';
import { JobStateTag } from './parts';
import styles from './parts.module.css';

export interface BulkWish {
  action: BulkAction;
  filter: JobFilter;
  /** Which jobs are meant, in words after "214 jobs": `that match`. */
  which: string;
  /** How many are thought to be meant; the preview says so if it finds another number. */
  expected?: number;
}

/** Says which jobs it will be done to, asks, and shows how far it is. */
export function BulkDialog({ wish, onClose, onAccepted }: { wish: BulkWish; onClose: () => void; onAccepted?: () => void }) {
  const [jobId, setJobId] = useState<string>();
  const accepted = useRef(false);
  const look = ACTIONS[wish.action];
  const filter = narrow(wish.action, wish.filter);
  const preview = useQuery({
    queryKey: ['jobs', 'bulk', wish.action, filter],
    queryFn: async ({ signal }) => {
      if (!filter) return { matched: 0, sample: [] };
      const { data } = await unwrapAnswer(http.POST('/api/jobs/bulk', { body: { action: wish.action, filter, dry_run: true }, signal }));
      if (!('sample' in data)) throw new Problem(-1, { detail: 'The server did not answer with a preview.' });
      return data;
    },
    staleTime: 0,
    gcTime: 0,
  });

  if (jobId) return <BulkProgress jobId={jobId} action={wish.action} onClose={onClose} />;
  const matched = preview.data?.matched ?? 0;
  if (!preview.data || matched === 0) {
    return (
      <Dialog open onClose={onClose} title={`${look.verb} jobs`} size="sm" footer={<Button onClick={onClose}>Close</Button>}>
        {preview.error ? (
          <ErrorState error={preview.error} title="The preview could not be loaded" onRetry={() => void preview.refetch()} />
        ) : preview.isPending ? (
          <Skeleton label="Counting the jobs" rows={4} />
        ) : (
          <EmptyState icon="check" title={`No job to ${look.verb.toLowerCase()}`}>
            This can be done to jobs that are {look.states.join(', ')}. None of {wish.which === '' ? 'them' : `those ${wish.which}`} is.
          </EmptyState>
        )}
      </Dialog>
    );
  }
  const said = count(matched, 'job');
  return (
    <ConfirmDialog
      open
      // It goes on to show the progress instead.
      onClose={() => !accepted.current && onClose()}
      title={`${look.verb} ${said}?`}
      confirm={`${look.verb} ${said}`}
      danger={look.danger}
      reason="optional"
      onConfirm={async (reason) => {
        const { data } = await unwrapAnswer(
          http.POST('/api/jobs/bulk', { body: { action: wish.action, filter: filter!, ...(reason && { reason }) } }),
        );
        if (!('job_id' in data)) throw new Problem(-1, { detail: 'The server did not accept it.' });
        onAccepted?.();
        accepted.current = true;
        setJobId(data.job_id);
      }}
    >
      <div className={styles.stack}>
        <p>
          {look.does} {said} {wish.which}. {look.effect}
        </p>
        {wish.expected !== undefined && wish.expected !== matched && (
          <p className={styles.differs}>
            The group has {count(wish.expected, 'job')}. The filter goes by the words that its errors share, which {count(matched, 'discarded job')} {matched === 1 ? 'has' : 'have'}.
          </p>
        )}
        <Sample jobs={preview.data.sample} total={matched} />
      </div>
    </ConfirmDialog>
  );
}

function Sample({ jobs, total }: { jobs: readonly Job[]; total: number }) {
  return (
    <div>
      <p className={styles.note}>{total > jobs.length ? `The newest ${jobs.length} of ${number(total)}` : total === 1 ? 'The job' : `All ${total}`}</p>
      <ul className={styles.sample} tabIndex={0} aria-label="Jobs it will be done to">
        {jobs.map((job) => (
          <li key={job.id}>
            <span className={styles.figure}>#{job.id}</span>
            <span className={styles.clip}>
              {job.kind} <span className={styles.quiet}>{JSON.stringify(job.args)}</span>
            </span>
            <JobStateTag state={job.state} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A bulk job's own account of how far it is. */
interface Account {
  matched: number;
  done: number;
  changed: number;
  skipped: number;
}

const isAccount = (value: unknown): value is Account => typeof value === 'object' && value !== null && typeof (value as Partial<Account>).done === 'number';

function BulkProgress({ jobId, action, onClose }: { jobId: string; action: BulkAction; onClose: () => void }) {
  const queries = useQueryClient();
  const look = ACTIONS[action];
  const { data: job, error, refetch } = useQuery({
    queryKey: ['jobs', 'one', jobId],
    queryFn: ({ signal }) => unwrap(http.GET('/api/jobs/{job_id}', { params: { path: { job_id: jobId } }, signal })),
    refetchInterval: ({ state }) => (state.data && isOver(state.data.state) ? false : 700),
  });
  const over = job !== undefined && isOver(job.state);
  useEffect(() => {
    if (!over) return;
    for (const topic of ['jobs', 'queues'] as const) void queries.invalidateQueries({ queryKey: [topic] });
  }, [over, queries]);
  const account = [job?.result, job?.progress].find(isAccount);
  return (
    <Dialog
      open
      onClose={onClose}
      title={over ? (job.state === 'completed' ? 'Done' : `The bulk job was ${job.state}`) : `${look.verb} jobs`}
      size="sm"
      footer={
        <Button variant="primary" onClick={onClose}>
          {over ? 'Done' : 'Go on in the background'}
        </Button>
      }
    >
      <div className={styles.stack}>
        {error && <ErrorState error={error} title="The progress could not be loaded" onRetry={() => void refetch()} />}
        <Progress label="Progress" value={account?.done ?? (over ? 1 : undefined)} max={Math.max(1, account?.matched ?? 1)} />
        <p role="status" className={styles.lead}>
          {account
            ? `${count(account.changed, 'job')} ${look.done}${account.skipped > 0 ? `, ${number(account.skipped)} skipped` : ''}${over ? '.' : `, of ${number(account.matched)}…`}`
            : over
              ? 'There was nothing left to do.'
              : (job?.waiting_for ? `Waits for ${job.waiting_for}.` : 'Starting…')}
        </p>
        <p className={styles.note}>
          <Link href={`/ops/jobs/${jobId}`} onClick={onClose}>
            Job {jobId}
          </Link>{' '}
          does it, and keeps what became of each. It can be cancelled like any other.
        </p>
      </div>
    </Dialog>
  );
}
