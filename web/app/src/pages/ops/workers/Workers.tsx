import { useQueryClient } from '@tanstack/react-query';
import type { components } from '@workflow-intelligence/client';
import { useState } from 'react';
import { Link } from 'wouter';
import { useNow } from '../../../data/clock';
import { count, duration } from '../../../data/format';
import { http, unwrap } from '../../../data/http';
import { Card, DataTable, EmptyState, ErrorState, Field, IconButton, Input, Page, PageHeader, RelativeTime, Skeleton, Tag, toast, type Column } from '../../../ui';
import { FormDialog } from '../common/FormDialog';
import { jobsLink } from '../common/filters';
import { Figure, Freshness, Mono } from '../common/parts';
import parts from '../common/parts.module.css';
import { useWorkers } from '../common/queries';

type Worker = components['schemas']['Worker'];

export default function Workers() {
  const query = useWorkers();
  const [editing, setEditing] = useState<Worker>();
  const workers = query.data?.workers ?? [];
  const alive = workers.filter((worker) => worker.alive);
  const versions = new Set(alive.map((worker) => worker.version));

  const columns: Column<Worker>[] = [
    {
      key: 'id',
      header: 'Worker',
      rowHeader: true,
      cell: (worker) => (
        <div>
          <Link href={jobsLink({ worker: worker.id })} className={parts.strong}>
            {worker.host}
          </Link>
          <span className={parts.small}>
            <Mono>{worker.id}</Mono>
          </span>
        </div>
      ),
    },
    {
      key: 'state',
      header: 'State',
      cell: (worker) => (!worker.alive ? <Tag tone="red">Silent</Tag> : worker.draining ? <Tag tone="yellow">Draining</Tag> : worker.concurrency === 0 ? <Tag tone="yellow">Takes nothing</Tag> : <Tag tone="green">Alive</Tag>),
    },
    { key: 'heartbeat', header: 'Heartbeat', align: 'end', cell: (worker) => <Age at={worker.heartbeat_at} /> },
    {
      key: 'running',
      header: 'Running',
      align: 'end',
      cell: (worker) => <Figure value={worker.running} to={jobsLink({ worker: worker.id, state: ['running'] })} what={`running on ${worker.host}`} />,
    },
    {
      key: 'concurrency',
      header: 'At once',
      align: 'end',
      cell: (worker) => (
        <span className={parts.buttons}>
          <span className={parts.figure}>
            {worker.concurrency}
            {worker.wanted_concurrency != null && worker.wanted_concurrency !== worker.concurrency && ` → ${worker.wanted_concurrency}`}
          </span>
          <IconButton size="sm" icon="edit" needs="admin" label={`Edit how many jobs ${worker.host} runs at once`} onClick={() => setEditing(worker)} />
        </span>
      ),
    },
    {
      key: 'queues',
      header: 'Queues',
      optional: true,
      cell: (worker) => (
        <span className={parts.tags}>
          {worker.queues.map((name) => (
            <Tag key={name}>{name}</Tag>
          ))}
        </span>
      ),
    },
    {
      key: 'claims',
      header: 'Claims, p95',
      align: 'end',
      optional: true,
      cell: (worker) => <span className={parts.figure}>{worker.claim_p95_ms == null ? '–' : `${worker.claim_p95_ms.toFixed(1)} ms`}</span>,
    },
    { key: 'version', header: 'Version', optional: true, cell: (worker) => worker.version },
    { key: 'started', header: 'Started', optional: true, cell: (worker) => <RelativeTime at={worker.started_at} /> },
  ];

  return (
    <Page>
      <PageHeader
        title="Workers"
        description={
          query.data &&
          `${count(alive.length, 'worker')} alive${workers.length > alive.length ? `, ${workers.length - alive.length} silent` : ''}${versions.size > 1 ? `, of ${versions.size} versions` : ''}. One that is silent for five minutes is forgotten.`
        }
        actions={<Freshness at={query.dataUpdatedAt} busy={query.isFetching} onRefresh={() => void query.refetch()} />}
      />
      {query.error && !query.data ? (
        <ErrorState error={query.error} title="The workers could not be loaded" onRetry={() => void query.refetch()} />
      ) : !query.data ? (
        <Skeleton label="Loading workers" rows={5} />
      ) : (
        <Card flush>
          <DataTable
            caption="Workers"
            columns={columns}
            rows={workers}
            rowKey={(worker) => worker.id}
            empty={
              <EmptyState icon="server" title="No worker runs">
                Jobs are accepted and wait until one starts.
              </EmptyState>
            }
          />
        </Card>
      )}
      {editing && <EditWorker worker={editing} onClose={() => setEditing(undefined)} />}
    </Page>
  );
}

/** How old it is, each second; 15 s are too old. */
function Age({ at }: { at: string }) {
  const age = Math.max(0, useNow() - Date.parse(at));
  return <span className={`${parts.figure} ${age > 15_000 ? parts.bad : ''}`}>{age < 1000 ? 'now' : `${duration(age)} ago`}</span>;
}

function EditWorker({ worker, onClose }: { worker: Worker; onClose: () => void }) {
  const queries = useQueryClient();
  const [text, setText] = useState(String(worker.wanted_concurrency ?? worker.concurrency));
  const value = Number(text);
  const right = text.trim() !== '' && Number.isInteger(value) && value >= 0;
  return (
    <FormDialog
      title={`Jobs at once on ${worker.host}`}
      submit={right && value === 0 ? 'Take nothing new' : 'Save'}
      onClose={onClose}
      ready={right && value !== (worker.wanted_concurrency ?? worker.concurrency)}
      onSubmit={async (reason) => {
        const path = { worker_id: worker.id };
        await unwrap(http.PATCH('/api/workers/{worker_id}', { params: { path }, body: { concurrency: value, ...(reason && { reason }) } }));
        await queries.invalidateQueries({ queryKey: ['workers'] });
        toast({ kind: 'success', title: `${worker.host} was told`, detail: 'It takes effect with its next heartbeat.' });
      }}
    >
      <p>What runs goes on. It holds until the worker stops; a new process begins with its own setting.</p>
      <Field label="Jobs of one queue at once" hint="0: takes nothing new." error={right ? undefined : 'A whole number from 0.'}>
        {(field) => <Input {...field} inputMode="numeric" value={text} onChange={(event) => setText(event.target.value)} />}
      </Field>
    </FormDialog>
  );
}
