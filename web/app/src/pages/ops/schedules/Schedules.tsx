import { useQueryClient } from '@tanstack/react-query';
import type { components } from '@workflow-intelligence/client';
import { useState } from 'react';
import { Link } from 'wouter';
import { useNow } from '../../../data/clock';
import { duration, exactTime } from '../../../data/format';
import { http, unwrap } from '../../../data/http';
import { Button, Card, ConfirmDialog, DataTable, EmptyState, ErrorState, Menu, Page, PageHeader, RelativeTime, Skeleton, Tag, toast, type Column } from '../../../ui';
import { orToast } from '../common/act';
import { cronWords } from '../common/cron';
import { jobsLink } from '../common/filters';
import { Freshness, Mono } from '../common/parts';
import parts from '../common/parts.module.css';
import { useSchedules } from '../common/queries';
import { CATCH_UP, EditSchedule } from './EditSchedule';

type Schedule = components['schemas']['Schedule'];

export default function Schedules() {
  const query = useSchedules();
  const queries = useQueryClient();
  const [editing, setEditing] = useState<Schedule>();
  const [pausing, setPausing] = useState<Schedule>();
  const again = () => queries.invalidateQueries({ queryKey: ['schedules'] });

  const run = async ({ name, kind }: Schedule) => {
    const { job_id } = await unwrap(http.POST('/api/schedules/{name}/run', { params: { path: { name } }, body: {} }));
    await again();
    toast({
      kind: 'success',
      title: `${name} made a job`,
      detail: (
        <Link href={`/ops/jobs/${job_id}`}>
          {kind} #{job_id}
        </Link>
      ),
    });
  };
  const resume = async ({ name }: Schedule) => {
    await unwrap(http.POST('/api/schedules/{name}/resume', { params: { path: { name } }, body: {} }));
    await again();
    toast({ kind: 'success', title: `${name} was resumed`, detail: 'Ticks that passed meanwhile are not made up for.' });
  };

  const columns: Column<Schedule>[] = [
    {
      key: 'name',
      header: 'Schedule',
      rowHeader: true,
      cell: (schedule) => (
        <div>
          <Link href={jobsLink({ schedule: schedule.name })} className={parts.strong}>
            {schedule.name}
          </Link>
          <span className={parts.small}>
            {schedule.kind} on {schedule.queue}
          </span>
        </div>
      ),
    },
    {
      key: 'when',
      header: 'When',
      cell: (schedule) => (
        <div>
          {cronWords(schedule.cron) ?? 'By its expression'}
          <span className={parts.small}>
            <Mono>{schedule.cron}</Mono> · {schedule.tz}
          </span>
        </div>
      ),
    },
    { key: 'next', header: 'Next run', cell: (schedule) => <Next schedule={schedule} /> },
    {
      key: 'last',
      header: 'Last run',
      optional: true,
      cell: (schedule) => (
        <div>
          <RelativeTime at={schedule.last_run_at ?? null} />
          {schedule.last_job_id && (
            <span className={parts.small}>
              <Link href={`/ops/jobs/${schedule.last_job_id}`}>job {schedule.last_job_id}</Link>
            </span>
          )}
        </div>
      ),
    },
    { key: 'missed', header: 'Missed ticks', optional: true, cell: (schedule) => <span className={parts.quiet}>{CATCH_UP.find(({ value }) => value === schedule.catch_up)?.label ?? schedule.catch_up}</span> },
    {
      key: 'actions',
      header: <span className="visually-hidden">Actions</span>,
      align: 'end',
      cell: (schedule) => (
        <span className={parts.buttons}>
          <Button size="sm" icon="play" needs="admin" aria-label={`Run ${schedule.name} now`} onClick={() => orToast(run(schedule), `${schedule.name} could not be run`)}>
            Run now
          </Button>
          <Menu
            label={`More for ${schedule.name}`}
            size="sm"
            items={[
              schedule.paused
                ? { label: 'Resume', icon: 'play', needs: 'admin', onSelect: () => orToast(resume(schedule), `${schedule.name} could not be resumed`) }
                : { label: 'Pause…', icon: 'pause', needs: 'admin', onSelect: () => setPausing(schedule) },
              { label: 'Edit…', icon: 'edit', needs: 'admin', onSelect: () => setEditing(schedule) },
              { label: 'Its jobs', icon: 'jobs', to: jobsLink({ schedule: schedule.name }) },
            ]}
          />
        </span>
      ),
    },
  ];

  return (
    <Page>
      <PageHeader title="Schedules" actions={<Freshness at={query.dataUpdatedAt} busy={query.isFetching} onRefresh={() => void query.refetch()} />} />
      {query.error && !query.data ? (
        <ErrorState error={query.error} title="The schedules could not be loaded" onRetry={() => void query.refetch()} />
      ) : !query.data ? (
        <Skeleton label="Loading schedules" rows={8} />
      ) : (
        <Card flush>
          <DataTable
            caption="Schedules"
            columns={columns}
            rows={query.data.schedules}
            rowKey={(schedule) => schedule.name}
            empty={
              <EmptyState icon="schedule" title="No schedules yet">
                They appear when the first worker starts.
              </EmptyState>
            }
          />
        </Card>
      )}
      {editing && <EditSchedule schedule={editing} onClose={() => setEditing(undefined)} />}
      <ConfirmDialog
        open={pausing !== undefined}
        onClose={() => setPausing(undefined)}
        title={`Pause ${pausing?.name}?`}
        confirm="Pause schedule"
        reason="optional"
        onConfirm={async (reason) => {
          await unwrap(http.POST('/api/schedules/{name}/pause', { params: { path: { name: pausing!.name } }, body: reason ? { reason } : {} }));
          await again();
          toast({ kind: 'success', title: `${pausing!.name} is paused` });
        }}
      >
        It makes no more {pausing?.kind} jobs until it is resumed. Ticks that pass meanwhile are not made up for. Jobs it has made go on.
      </ConfirmDialog>
    </Page>
  );
}

function Next({ schedule }: { schedule: Schedule }) {
  const now = useNow();
  if (schedule.paused) {
    return (
      <div>
        <Tag tone="yellow">Paused</Tag>
        {schedule.paused_by && <span className={parts.small}>by {schedule.paused_by}</span>}
        {schedule.reason && <span className={parts.small}>“{schedule.reason}”</span>}
      </div>
    );
  }
  if (!schedule.next_run_at) return <span className={parts.zero}>–</span>;
  const left = Date.parse(schedule.next_run_at) - now;
  return (
    <time className={parts.figure} dateTime={schedule.next_run_at} title={exactTime(schedule.next_run_at)} aria-live="off">
      {left > 0 ? `in ${duration(left)}` : 'due now'}
    </time>
  );
}
