import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { count, percent } from '../../../data/format';
import { http, unwrap } from '../../../data/http';
import { Button, Card, DataTable, DateTime, EmptyState, ErrorState, IconButton, Page, PageHeader, RelativeTime, Skeleton, Tag, toast, type Column } from '../../../ui';
import { orToast } from '../common/act';
import { jobsLink } from '../common/filters';
import type { Queue } from '../common/jobs';
import { Figure, Freshness, Seconds } from '../common/parts';
import parts from '../common/parts.module.css';
import { useQueues } from '../common/queries';
import { LimitQueue, limitWords } from './LimitQueue';
import { PauseQueue } from './PauseQueue';

export default function Queues() {
  const query = useQueues();
  const queries = useQueryClient();
  const [params, setParams] = useSearchParams();
  const [pausing, setPausing] = useState<Queue>();
  const [limiting, setLimiting] = useState<Queue>();
  const only = params.get('queue');
  const queues = query.data?.queues ?? [];
  const shown = only ? queues.filter((queue) => queue.name === only) : queues;
  const resume = async (queue: Queue) => {
    await unwrap(http.POST('/api/queues/{name}/resume', { params: { path: { name: queue.name } }, body: {} }));
    await queries.invalidateQueries({ queryKey: ['queues'] });
    toast({ kind: 'success', title: `${queue.name} was resumed`, detail: 'It gives out jobs again.' });
  };

  const columns: Column<Queue>[] = [
    {
      key: 'name',
      header: 'Queue',
      rowHeader: true,
      cell: (queue) => (
        <div>
          <Link href={jobsLink({ queue: [queue.name] })} className={parts.strong}>
            {queue.name}
          </Link>
          <span className={parts.small}>{limitWords(queue.limits)}</span>
        </div>
      ),
    },
    { key: 'state', header: 'State', cell: (queue) => <QueueState queue={queue} /> },
    ...(['available', 'running', 'scheduled', 'pending', 'retryable', 'discarded'] as const).map(
      (state): Column<Queue> => ({
        key: state,
        header: state.charAt(0).toUpperCase() + state.slice(1),
        align: 'end',
        ...(state !== 'available' && state !== 'discarded' && { optional: true }),
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
    { key: 'oldest', header: 'Oldest waits', align: 'end', optional: true, cell: (queue) => <Seconds value={queue.oldest_available_seconds} warnAt={60} /> },
    { key: 'rate', header: 'Done in 1 min', align: 'end', optional: true, cell: (queue) => <Figure value={queue.completed_per_minute} /> },
    { key: 'failing', header: 'Failing, 5 min', align: 'end', optional: true, cell: (queue) => <FailureRate rate={queue.failure_rate} /> },
    {
      key: 'workers',
      header: 'Workers',
      align: 'end',
      optional: true,
      cell: (queue) => (queue.workers === 0 ? <Tag tone="red">None</Tag> : <Figure value={queue.workers} to="/ops/workers" what={`workers on ${queue.name}`} />),
    },
    {
      key: 'actions',
      header: <span className="visually-hidden">Actions</span>,
      align: 'end',
      cell: (queue) => (
        <span className={parts.buttons}>
          {queue.paused ? (
            <Button size="sm" icon="play" needs="admin" aria-label={`Resume ${queue.name}`} onClick={() => orToast(resume(queue), `${queue.name} could not be resumed`)}>
              Resume
            </Button>
          ) : (
            <Button size="sm" icon="pause" needs="admin" aria-label={`Pause ${queue.name}`} onClick={() => setPausing(queue)}>
              Pause
            </Button>
          )}
          <IconButton size="sm" icon="edit" needs="admin" label={`Edit the limits of ${queue.name}`} onClick={() => setLimiting(queue)} />
        </span>
      ),
    },
  ];

  return (
    <Page>
      <PageHeader
        title="Queues"
        actions={<Freshness at={query.dataUpdatedAt} busy={query.isFetching} onRefresh={() => void query.refetch()} />}
      />
      {query.error && !query.data ? (
        <ErrorState error={query.error} title="The queues could not be loaded" onRetry={() => void query.refetch()} />
      ) : !query.data ? (
        <Skeleton label="Loading queues" rows={7} />
      ) : (
        <>
          {only && (
            <p className={parts.note}>
              Only {only} is shown.{' '}
              <Button size="sm" variant="ghost" onClick={() => setParams({}, { replace: true })}>
                Show all queues
              </Button>
            </p>
          )}
          <Card flush>
            <DataTable
              caption="Queues"
              columns={columns}
              rows={shown}
              rowKey={(queue) => queue.name}
              empty={
                only ? (
                  <EmptyState icon="filter" title={`There is no queue ${only}`} action={<Button onClick={() => setParams({}, { replace: true })}>Show all queues</Button>} />
                ) : (
                  <EmptyState icon="queue" title="No queues yet">
                    A queue appears with its first worker or job.
                  </EmptyState>
                )
              }
            />
          </Card>
        </>
      )}
      {pausing && <PauseQueue queue={pausing} onClose={() => setPausing(undefined)} />}
      {limiting && <LimitQueue queue={limiting} onClose={() => setLimiting(undefined)} />}
    </Page>
  );
}

export function FailureRate({ rate }: { rate: number | null | undefined }) {
  if (rate == null) return <span className={parts.zero}>–</span>;
  const shown = percent(Math.round(rate * 1000) / 10);
  return <span className={rate >= 0.1 ? parts.bad : rate > 0 ? parts.warn : parts.zero}>{shown}</span>;
}

export function QueueState({ queue }: { queue: Queue }) {
  if (!queue.paused) return <Tag tone="green">Active</Tag>;
  const waiting = queue.depth.available + queue.depth.pending;
  return (
    <div>
      <Tag tone="yellow">Paused{waiting > 0 ? `, ${count(waiting, 'job')} waiting` : ''}</Tag>
      <span className={parts.small}>
        {queue.paused_at && <RelativeTime at={queue.paused_at} />}
        {queue.paused_by && ` by ${queue.paused_by}`}
        {queue.until && (
          <>
            , until <DateTime at={queue.until} />
          </>
        )}
      </span>
      {queue.reason && <span className={parts.small}>“{queue.reason}”</span>}
    </div>
  );
}
