import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { CATEGORIES, type Category } from '../../../data/categories';
import { http, unwrap } from '../../../data/http';
import { number } from '../../../data/format';
import { Button, Card, Countdown, DataTable, EmptyState, ErrorState, Field, Input, PriorityTag, Select, Skeleton, toast, toastProblem } from '../../../ui';
import { Row } from '../shared/Form';
import { useSettled } from '../shared/use';
import { useWaiting } from './data';
import styles from './People.module.css';

/** Who would be given a task, and why not the others. */
export function WhoWould() {
  const [category, setCategory] = useState<Category>('Order Management');
  const [mailbox, setMailbox] = useState('');
  const asked = useSettled(mailbox.trim());
  const choice = useQuery({
    queryKey: ['assignment', 'preview', category, asked],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => unwrap(http.POST('/api/assignment/preview', { body: { workflow_category: category, ...(asked && { mailbox_source: asked }) }, signal })),
  });
  return (
    <Card title="Who would get a task" description="As things are now. Nothing is given out.">
      <div className={styles.stack}>
        <Row>
          <Field label="Category">{(field) => <Select {...field} value={category} choices={CATEGORIES.map((value) => ({ value, label: value }))} onChange={setCategory} />}</Field>
          <Field label="Mailbox">{(field) => <Input {...field} placeholder="Any" value={mailbox} onChange={(event) => setMailbox(event.target.value)} />}</Field>
        </Row>
        {choice.error ? (
          <ErrorState error={choice.error} title="This could not be found out" onRetry={() => void choice.refetch()} />
        ) : choice.isPending ? (
          <Skeleton label="Loading the choice" rows={3} />
        ) : (
          <>
            <p className={styles.chosen} role="status">
              <strong>{choice.data.owner ?? 'Nobody'}</strong>
              {choice.data.team && ` of ${choice.data.team}`}: {choice.data.reason}
            </p>
            {choice.data.considered.length > 0 && (
              <DataTable
                caption="Who was looked at"
                rows={choice.data.considered}
                rowKey={({ name, team }) => `${team}/${name}`}
                columns={[
                  { key: 'name', header: 'Person', rowHeader: true, cell: (row) => row.name },
                  { key: 'load', header: 'Open', align: 'end', cell: (row) => `${number(row.open_tasks)} of ${number(row.capacity)}` },
                  { key: 'why', header: 'Why not', cell: (row) => row.why_not ?? 'Chosen' },
                ]}
              />
            )}
          </>
        )}
      </div>
    </Card>
  );
}

/** Tasks that wait for an owner, in the order in which they are given out. */
export function Waiting() {
  const waiting = useWaiting();
  const run = useMutation({
    mutationFn: () => unwrap(http.POST('/api/assignment/run')),
    onSuccess: () => toast({ kind: 'success', title: 'Tasks are being given out' }),
    onError: (cause) => toastProblem(cause, 'Tasks were not given out'),
  });
  return (
    <Card
      flush
      title="Waiting for an owner"
      description="The first 50, in the order in which they are given out."
      actions={
        <Button size="sm" icon="play" needs="operator of all" busy={run.isPending} onClick={() => run.mutate()}>
          Give out now
        </Button>
      }
    >
      {waiting.error ? (
        <ErrorState error={waiting.error} title="The queue could not be loaded" onRetry={() => void waiting.refetch()} />
      ) : waiting.isPending ? (
        <Skeleton label="Loading the queue" rows={3} />
      ) : (
        <DataTable
          caption="Tasks that wait for an owner"
          rows={waiting.data.tasks}
          rowKey={({ task_id }) => task_id}
          empty={<EmptyState icon="check" title="No task waits">Those without an owner that no team serves are not in this queue.</EmptyState>}
          columns={[
            { key: 'title', header: 'Task', rowHeader: true, cell: (row) => <Link href={`/tasks/${encodeURIComponent(row.task_id)}`}>{row.title}</Link> },
            { key: 'priority', header: 'Priority', cell: (row) => <PriorityTag priority={row.priority} /> },
            { key: 'due', header: 'Deadline', align: 'end', cell: (row) => <Countdown deadline={row.sla_deadline} /> },
            { key: 'choice', header: 'Would go to', cell: (row) => row.choice.owner ?? row.choice.reason },
          ]}
        />
      )}
    </Card>
  );
}
