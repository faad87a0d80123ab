import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'wouter';
import { count, duration, number } from '../../../data/format';
import { http, unwrap } from '../../../data/http';
import { Card, classes, DataTable, ErrorState, Grid, Icon, Page, PageHeader, Skeleton, Sparkline, StatCard, type Column } from '../../../ui';
import { jobsLink } from '../common/filters';
import { most, sum, useHistory, type Sample } from '../common/history';
import type { Queue } from '../common/jobs';
import { Figure, Freshness, Seconds } from '../common/parts';
import parts from '../common/parts.module.css';
import { timings, type Timing } from '../common/percentiles';
import { PERIOD, POLLED, useDatabase, useQueues, useSchedules, useWorkers } from '../common/queries';
import { isRange } from '../common/timeline';
import { FailureRate, QueueState } from '../queues/Queues';
import { backlog, concerns, LONG } from './attention';
import { History } from './History';
import styles from './OpsOverview.module.css';

/** Jobs that ended last, from which the times are taken. */
const RECENT = 200;

export default function OpsOverview() {
  const query = useQueues();
  const workers = useWorkers();
  const schedules = useSchedules();
  const database = useDatabase();
  const samples = useHistory(query.data?.queues, query.dataUpdatedAt);
  const [params, setParams] = useSearchParams();
  const range = params.get('range');
  const set = (name: string, value: string) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) after.set(name, value);
        else after.delete(name);
        return after;
      },
      { replace: true },
    );
  const queues = query.data?.queues;
  const alive = workers.data?.workers.filter((worker) => worker.alive).length;

  return (
    <Page>
      <PageHeader
        title="Operations"
        description={queues && `${count(queues.length, 'queue')}${alive === undefined ? '' : `, ${count(alive, 'worker')} alive`}`}
        actions={<Freshness at={query.dataUpdatedAt} busy={query.isFetching} onRefresh={() => void query.refetch()} />}
      />
      {query.error && !queues ? (
        <ErrorState error={query.error} title="The queues could not be loaded" onRetry={() => void query.refetch()} />
      ) : !queues ? (
        <Skeleton label="Loading the queues" height="24rem" />
      ) : (
        <>
          <Attention found={concerns({ queues, workers: workers.data?.workers, schedules: schedules.data?.schedules, database: database.data })} known={workers.data !== undefined} />
          <Totals queues={queues} />
          <QueueTable queues={queues} samples={samples} />
          <History
            live={samples.at(-1)}
            queues={queues.map((queue) => queue.name)}
            queue={queues.find((queue) => queue.name === params.get('queue'))?.name ?? null}
            onQueue={(name) => set('queue', name)}
            range={isRange(range) ? range : '1h'}
            onRange={(to) => set('range', to === '1h' ? '' : to)}
          />
          <Timings />
        </>
      )}
    </Page>
  );
}

/** What is wrong comes before every figure. */
function Attention({ found, known }: { found: ReturnType<typeof concerns>; known: boolean }) {
  if (found.length === 0) {
    if (!known) return null;
    return (
      <p className={styles.well} role="status">
        <Icon name="check" size={18} />
        All is well: no queue is paused, nothing waits for long, nothing has failed for good.
      </p>
    );
  }
  return (
    <section aria-label="Needs attention" className={styles.concerns}>
      <h2 className={styles.heading}>Needs attention</h2>
      <ul>
        {found.map((concern) => (
          <li key={concern.key} className={styles.concern}>
            <span className={classes(styles.sign, styles[concern.tone])}>
              <Icon name={concern.tone === 'red' ? 'error' : 'alert'} size={16} />
            </span>
            <p className={styles.text}>
              <span className="visually-hidden">{concern.tone === 'red' ? 'Serious: ' : ''}</span>
              {concern.text}
              {concern.detail && <span className={styles.detail}>{concern.detail}</span>}
            </p>
            <Link href={concern.to} className={styles.go}>
              {concern.link}
              <Icon name="chevronRight" size={14} />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Totals({ queues }: { queues: readonly Queue[] }) {
  const of = (state: keyof Queue['depth']) => sum(queues, (queue) => queue.depth[state]);
  const oldest = most(queues, (queue) => queue.oldest_available_seconds);
  const slowest = queues.find((queue) => oldest !== null && queue.oldest_available_seconds === oldest);
  return (
    <Grid min="9.5rem">
      <StatCard
        label="May run now"
        value={number(of('available'))}
        note={`${number(of('pending'))} more wait for an earlier job`}
        to={jobsLink({ state: ['available'] })}
      />
      <StatCard label="Running" value={number(of('running'))} note="at this moment" to={jobsLink({ state: ['running'] })} />
      <StatCard
        label="Oldest waits"
        value={oldest === null ? 'None' : duration(oldest * 1000)}
        note={slowest ? `on ${slowest.name}` : 'no job waits'}
        {...(slowest && { to: jobsLink({ queue: [slowest.name], state: ['available'] }) })}
      />
      <StatCard label="Retryable" value={number(of('retryable'))} note="failed, run again later" to={jobsLink({ state: ['retryable'] })} />
      <StatCard label="Discarded" value={number(of('discarded'))} note="failed for good" to="/ops/errors" />
      <StatCard label="Completed" value={number(sum(queues, (queue) => queue.completed_per_minute))} note="in the last minute" to={jobsLink({ state: ['completed'] })} />
    </Grid>
  );
}

function QueueTable({ queues, samples }: { queues: readonly Queue[]; samples: readonly Sample[] }) {
  const columns: Column<Queue>[] = [
    {
      key: 'name',
      header: 'Queue',
      rowHeader: true,
      cell: (queue) => (
        <Link href={jobsLink({ queue: [queue.name] })} className={parts.strong}>
          {queue.name}
        </Link>
      ),
    },
    { key: 'state', header: 'State', cell: (queue) => <QueueState queue={queue} /> },
    ...(['available', 'running', 'scheduled', 'pending', 'retryable', 'discarded'] as const).map(
      (state): Column<Queue> => ({
        key: state,
        header: state.charAt(0).toUpperCase() + state.slice(1),
        align: 'end',
        cell: (queue) => (
          <Figure
            value={queue.depth[state]}
            to={jobsLink({ queue: [queue.name], state: [state] })}
            what={`${state} on ${queue.name}`}
            {...(state === 'discarded' ? { tone: 'bad' as const } : state === 'retryable' && { tone: 'warn' as const })}
          />
        ),
      }),
    ),
    { key: 'oldest', header: 'Oldest waits', align: 'end', cell: (queue) => <Seconds value={queue.oldest_available_seconds} warnAt={LONG} /> },
    { key: 'rate', header: 'Done in 1 min', align: 'end', cell: (queue) => <Figure value={queue.completed_per_minute} /> },
    { key: 'failing', header: 'Failing, 5 min', align: 'end', cell: (queue) => <FailureRate rate={queue.failure_rate} /> },
    {
      key: 'trend',
      header: 'Waiting, lately',
      align: 'end',
      optional: true,
      cell: (queue) => {
        const values = backlog(samples, queue.name);
        return <Sparkline values={values} width={80} height={20} label={`Jobs waiting on ${queue.name}: ${values[0] ?? 0} at first, ${values.at(-1) ?? 0} now`} />;
      },
    },
  ];
  return (
    <Card title="Queues" flush>
      <DataTable caption="Queues" columns={columns} rows={queues} rowKey={(queue) => queue.name} />
    </Card>
  );
}

const ms = (value: number | null | undefined) => (value == null ? <span className={parts.zero}>–</span> : <span className={parts.figure}>{value < 10_000 ? `${number(Math.round(value))} ms` : duration(value)}</span>);

function Timings() {
  const query = useQuery({
    queryKey: ['jobs', 'recent'],
    queryFn: ({ signal }) => unwrap(http.GET('/api/jobs', { params: { query: { state: ['completed', 'discarded'], limit: RECENT } }, signal })),
    ...POLLED,
    refetchInterval: 3 * PERIOD,
  });
  const jobs = query.data?.jobs ?? [];
  const columns: Column<Timing>[] = [
    {
      key: 'kind',
      header: 'Kind',
      rowHeader: true,
      cell: (row) => (
        <Link href={jobsLink({ kind: [row.kind] })} className={parts.strong}>
          {row.kind}
        </Link>
      ),
    },
    { key: 'queue', header: 'Queue', optional: true, cell: (row) => <span className={parts.quiet}>{row.queue}</span> },
    { key: 'jobs', header: 'Jobs', align: 'end', cell: (row) => <Figure value={row.jobs} /> },
    ...['50', '95', '99'].map((part, at): Column<Timing> => ({ key: `wait${part}`, header: `Wait p${part}`, align: 'end', cell: (row) => ms(row.wait[at]) })),
    ...['50', '95', '99'].map((part, at): Column<Timing> => ({ key: `run${part}`, header: `Run p${part}`, align: 'end', cell: (row) => ms(row.run[at]) })),
  ];
  return (
    <Card
      title="Wait and run times"
      description={`Of the newest ${count(jobs.length, 'job')} that completed or were discarded. Wait: from the time a job might run to its first attempt, of jobs with one attempt. Run: of each attempt.`}
      flush
    >
      {query.error && !query.data ? (
        <ErrorState error={query.error} title="The times could not be loaded" onRetry={() => void query.refetch()} />
      ) : !query.data ? (
        <Skeleton label="Loading the times" rows={4} />
      ) : (
        <DataTable caption="Wait and run times" columns={columns} rows={timings(jobs)} rowKey={(row) => row.kind} empty={<p className={styles.none}>No job has ended yet.</p>} />
      )}
    </Card>
  );
}
