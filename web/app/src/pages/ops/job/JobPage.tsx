import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import { useNow } from '../../../data/clock';
import { count, duration } from '../../../data/format';
import { http, unwrap } from '../../../data/http';
import { useServerEvent } from '../../../data/live';
import { Button, Card, DateTime, DescriptionList, EmptyState, ErrorState, Icon, Page, PageHeader, Progress, RelativeTime, Skeleton } from '../../../ui';
import { useJobActions } from '../common/JobMenu';
import { jobsLink } from '../common/filters';
import { ACTIONS, isOver, PRIORITY_WORDS, type Job } from '../common/jobs';
import { Freshness, Json, JobStateTag } from '../common/parts';
import parts from '../common/parts.module.css';
import { PERIOD } from '../common/queries';
import { explainWaiting } from '../common/waiting';
import { Attempts } from './Attempts';
import { EditJob } from './EditJob';
import { Items } from './Items';
import styles from './JobPage.module.css';

export default function JobPage() {
  const { id = '' } = useParams();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [editing, setEditing] = useState(false);
  const query = useQuery({
    queryKey: ['jobs', 'one', id],
    queryFn: ({ signal }) => unwrap(http.GET('/api/jobs/{job_id}', { params: { path: { job_id: id } }, signal })),
    refetchInterval: ({ state }) => (state.data && isOver(state.data.state) ? false : PERIOD),
    refetchOnWindowFocus: 'always',
  });
  const { data: job, error } = query;
  useServerEvent('workflow:job:changed', ({ jobId }) => {
    if (jobId === id) void queries.invalidateQueries({ queryKey: ['jobs', 'one', id] });
  });
  const { possible, start, dialog } = useJobActions(job, () => navigate('/ops/jobs'));
  // What has neither ended nor begun can be changed.
  const editable = job !== undefined && !isOver(job.state) && job.state !== 'running';

  return (
    <Page>
      <PageHeader
        title={job ? `${job.kind} #${job.id}` : `Job ${id}`}
        back={{ to: '/ops/jobs', label: 'Jobs' }}
        badge={job && <JobStateTag state={job.state} />}
        actions={
          job && (
            <>
              <Freshness at={query.dataUpdatedAt} busy={query.isFetching} period={isOver(job.state) ? Number.POSITIVE_INFINITY : PERIOD} onRefresh={() => void query.refetch()} />
              {editable && (
                <Button icon="edit" needs="operator of all" onClick={() => setEditing(true)}>
                  Edit
                </Button>
              )}
              {possible.map((action) => (
                <Button key={action} needs="operator of all" icon={ACTIONS[action].icon} variant={ACTIONS[action].danger ? 'secondary' : 'primary'} onClick={() => start(action)}>
                  {action === 'run' ? 'Run now' : ACTIONS[action].verb}
                </Button>
              ))}
            </>
          )
        }
      />
      {error && !job ? (
        error.missing ? (
          <EmptyState icon="jobs" title={`There is no job ${id}`} action={<Link href="/ops/jobs">All jobs</Link>}>
            Jobs that ended are removed after some time, or somebody has deleted it.
          </EmptyState>
        ) : (
          <ErrorState error={error} title="The job could not be loaded" onRetry={() => void query.refetch()} />
        )
      ) : !job ? (
        <Skeleton label="Loading the job" rows={10} />
      ) : (
        <div className={styles.columns}>
          <div className={parts.stack}>
            {job.waiting_for && <WaitingNote job={job} reason={job.waiting_for} />}
            {job.state === 'running' && <Running job={job} />}
            <Attempts job={job} />
            <Card title="Arguments">
              <Json value={job.args} label="Arguments" />
            </Card>
            {job.result != null && (
              <Card title="Result">
                <Json value={job.result} label="Result" />
              </Card>
            )}
            <Items job={job} />
          </div>
          <Card title="Details">
            <Details job={job} />
          </Card>
        </div>
      )}
      {dialog}
      {editing && job && <EditJob job={job} onClose={() => setEditing(false)} />}
    </Page>
  );
}

/** Why it does not run, and what helps. */
function WaitingNote({ job, reason }: { job: Job; reason: string }) {
  const { lead, parts: said, advice, kind } = explainWaiting(reason);
  return (
    <div className={styles.waiting} role="status">
      <Icon name={kind === 'paused' ? 'pause' : kind === 'time' ? 'clock' : 'info'} size={18} />
      <div>
        <p className={styles.why}>
          Not running: {lead}
          {said.map((part, at) =>
            'text' in part ? (
              part.text
            ) : 'job' in part ? (
              <Link key={at} href={`/ops/jobs/${part.job}`}>
                job {part.job}
              </Link>
            ) : (
              <span key={at}>
                <DateTime at={part.at} /> (<Until at={part.at} />)
              </span>
            ),
          )}
          .
        </p>
        {advice && <p className={styles.advice}>{advice}</p>}
        {(kind === 'paused' || kind === 'limit') && <Link href={`/ops/queues?queue=${encodeURIComponent(job.queue)}`}>Go to the queue {job.queue}</Link>}
        {kind === 'worker' && <Link href="/ops/workers">Go to the workers</Link>}
      </div>
    </div>
  );
}

/** in 12 s, each second. */
export function Until({ at }: { at: string }) {
  const left = Date.parse(at) - useNow();
  return <span className={parts.figure}>{left > 0 ? `in ${duration(left)}` : 'due now'}</span>;
}

/** How far it is, as its kind tells it. */
function Running({ job }: { job: Job }) {
  const now = useNow();
  const account = asCount(job.progress);
  return (
    <Card title="Progress" description={job.started_at && `Runs for ${duration(Math.max(0, now - Date.parse(job.started_at)))}`}>
      <div className={parts.stack}>
        <Progress label="Progress" value={account?.done} max={Math.max(1, account?.total ?? 1)} />
        {job.progress == null ? <p className={parts.note}>This kind does not tell how far it is.</p> : <Json value={job.progress} label="Progress" />}
      </div>
    </Card>
  );
}

/** How much is done of how much, in the words of the kinds that tell so. */
export function asCount(progress: unknown): { done: number; total: number } | null {
  if (typeof progress !== 'object' || progress === null) return null;
  const fields = progress as Record<string, unknown>;
  const find = (...names: string[]) => names.map((name) => fields[name]).find((value) => typeof value === 'number');
  const done = find('done', 'processed');
  const total = find('matched', 'total', 'received');
  return typeof done === 'number' && typeof total === 'number' && total > 0 ? { done, total } : null;
}

function Details({ job }: { job: Job }) {
  const time = (at: string | null | undefined) => at && <DateTime at={at} />;
  return (
    <div className={styles.details}>
      <DescriptionList
        items={(
          [
          ['Kind', <Link key="kind" href={jobsLink({ kind: [job.kind] })}>{job.kind}</Link>],
          ['Queue', <Link key="queue" href={`/ops/queues?queue=${encodeURIComponent(job.queue)}`}>{job.queue}</Link>],
          ['Priority', PRIORITY_WORDS[job.priority] ?? job.priority],
          ['Attempts', `${job.attempt} of ${job.max_attempts}`],
          ['Rescues', job.rescues > 0 ? `${count(job.rescues, 'time')}: its worker went silent` : null],
          ['Task', job.task_id && (job.task_id.startsWith('TASK-') ? <Link href={`/tasks/${encodeURIComponent(job.task_id)}`}>{job.task_id}</Link> : job.task_id)],
          ['Jobs of the task', job.task_id && <Link href={jobsLink({ task_id: job.task_id })}>All of them</Link>],
          ['Schedule', job.schedule && <Link href={jobsLink({ schedule: job.schedule })}>{job.schedule}</Link>],
          ['Asked for by', job.principal],
          ['Accepted', <RelativeTime key="accepted" at={job.created_at} />],
          ['May run from', time(job.run_at)],
          ['Last started', time(job.started_at)],
          ['Ended', time(job.finished_at)],
          ['Unique by', job.unique_key && <code className={parts.mono}>{job.unique_key}</code>],
          ['Limits of', job.limit_key && <code className={parts.mono}>{job.limit_key}</code>],
          ['Trace', job.trace_id && <code className={parts.mono}>{job.trace_id}</code>],
          ] as const
        ).filter(([, value]) => value != null)}
      />
    </div>
  );
}
