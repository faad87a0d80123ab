import { Link } from 'wouter';
import { Checkbox, DataTable, RelativeTime, type Column } from '../../../ui';
import { JobMenu } from '../common/JobMenu';
import { isOver, lastError, splitError, type Job } from '../common/jobs';
import { JobStateTag } from '../common/parts';
import parts from '../common/parts.module.css';
import { leadOf } from '../common/waiting';
import styles from './Jobs.module.css';

interface JobTableProps {
  jobs: readonly Job[];
  chosen: ReadonlySet<string>;
  /** Without it they cannot be chosen. */
  onChoose: ((chosen: ReadonlySet<string>) => void) | undefined;
}

export function JobTable({ jobs, chosen, onChoose }: JobTableProps) {
  const here = jobs.filter((job) => chosen.has(job.id)).length;
  const boxes = (choose: (chosen: ReadonlySet<string>) => void): Column<Job> => ({
    key: 'choose',
    width: '2rem',
    header: (
      <Checkbox
        label="Choose all that are shown"
        hideLabel
        checked={here > 0 && here === jobs.length}
        indeterminate={here > 0 && here < jobs.length}
        onChange={(on) => choose(new Set(on ? jobs.map((job) => job.id) : []))}
      />
    ),
    cell: (job) => (
      <Checkbox
        label={`Choose job ${job.id}`}
        hideLabel
        checked={chosen.has(job.id)}
        onChange={(on) => {
          const next = new Set(chosen);
          if (on) next.add(job.id);
          else next.delete(job.id);
          choose(next);
        }}
      />
    ),
  });
  const columns: Column<Job>[] = [
    ...(onChoose ? [boxes(onChoose)] : []),
    { key: 'state', header: 'State', width: '7.5rem', cell: (job) => <JobStateTag state={job.state} /> },
    {
      key: 'job',
      header: 'Job',
      rowHeader: true,
      cell: (job) => (
        <div className={styles.job}>
          <Link href={`/ops/jobs/${job.id}`} className={parts.strong}>
            {job.kind} <span className={styles.id}>#{job.id}</span>
          </Link>
          <Subject job={job} />
        </div>
      ),
    },
    { key: 'queue', header: 'Queue', optional: true, cell: (job) => <span className={parts.quiet}>{job.queue}</span> },
    {
      key: 'attempt',
      header: 'Attempts',
      align: 'end',
      optional: true,
      cell: (job) => (
        <span className={parts.figure}>
          {job.attempt}
          <span className={parts.quiet}>/{job.max_attempts}</span>
        </span>
      ),
    },
    { key: 'when', header: 'When', optional: true, width: '8.5rem', cell: (job) => <When job={job} /> },
    { key: 'menu', header: <span className="visually-hidden">Actions</span>, align: 'end', width: '2.5rem', cell: (job) => <JobMenu job={job} /> },
  ];
  return <DataTable caption="Jobs" columns={columns} rows={jobs} rowKey={(job) => job.id} selected={(job) => chosen.has(job.id)} />;
}

/** What there is to know at a glance: why it failed, why it waits, or what it is about. */
function Subject({ job }: { job: Job }) {
  const error = job.state === 'discarded' || job.state === 'retryable' ? lastError(job) : null;
  if (error) return <span className={styles.error}>{splitError(error).headline}</span>;
  if (job.waiting_for && job.state !== 'scheduled') return <span className={styles.subject}>{sentence(job.waiting_for)}</span>;
  const args = JSON.stringify(job.args);
  return <span className={styles.args}>{args === '{}' || args === undefined ? 'No arguments' : args}</span>;
}

function sentence(reason: string): string {
  const text = leadOf(reason) + reason;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function When({ job }: { job: Job }) {
  const [word, at] =
    isOver(job.state) && job.finished_at
      ? ['Ended', job.finished_at]
      : job.state === 'running' && job.started_at
        ? ['Started', job.started_at]
        : job.state === 'scheduled' || job.state === 'retryable'
          ? ['Due', job.run_at]
          : ['Accepted', job.created_at];
  return (
    <span className={styles.when}>
      <span className={parts.quiet}>{word}</span> <RelativeTime at={at ?? null} />
    </span>
  );
}
