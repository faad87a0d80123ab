import type { components } from '@workflow-intelligence/client';
import { useId, useState } from 'react';
import { Link } from 'wouter';
import { count, money, moneyCompact, percent } from '../../data/format';
import { Avatar, Card, classes, Countdown, ErrorState, Icon, Segments, Skeleton } from '../../ui';
import { listAddress } from './figures';
import styles from './Next.module.css';
import { useForecast, useNext, useOverdue, useTaskForecast, type Figures } from './queries';

type Row = Pick<
  components['schemas']['TaskForecast'],
  'task_id' | 'title' | 'workflow_category' | 'current_owner' | 'dollar_value' | 'sla_deadline' | 'sla_state'
>;
export type Order = 'deadline' | 'loss';

const OVERDUE = 4;
const NEXT = 6;

interface NextProps {
  figures: Figures;
  order: Order;
  onOrder: (order: Order) => void;
}

/** Which deadlines are missed, and which come next: by time, or by what is expected to be lost. */
export function Next({ figures, order, onOrder }: NextProps) {
  const overdue = useOverdue(OVERDUE);
  const next = useNext(NEXT);
  const forecast = useForecast();
  const forecasts = new Map((forecast.data?.tasks ?? []).map((task) => [task.task_id, task]));
  const known = forecast.data?.model != null;
  const byLoss = order === 'loss' && known;
  const coming: readonly Row[] = byLoss ? (forecast.data?.tasks.slice(0, NEXT) ?? []) : (next.data?.tasks ?? []);
  const late = overdue.data?.tasks ?? [];
  const error = overdue.error ?? next.error;
  const soonest = { sort: 'sla_deadline', direction: 'asc' };
  const lateAddress = listAddress(figures.lists?.executive.sla_violations, { sort: 'dollar_value', direction: 'desc' });
  return (
    <Card
      title="Deadlines"
      description={byLoss ? 'Next by value times the probability of a breach' : 'What is late, and what breaches next'}
      actions={
        known && (
          <Segments
            label="Order of what comes next"
            value={order}
            choices={[
              { value: 'deadline', label: 'By deadline' },
              { value: 'loss', label: 'By expected loss' },
            ]}
            onChange={onOrder}
          />
        )
      }
      flush
    >
      {error && (
        <ErrorState
          error={error}
          title="The deadlines could not be loaded"
          onRetry={() => {
            void overdue.refetch();
            void next.refetch();
          }}
        />
      )}
      {!error && (overdue.isPending || next.isPending) && <Skeleton label="Loading the deadlines" height="20rem" />}
      {!error && overdue.data && next.data && (
        <>
          {late.length > 0 && (
            <>
              <GroupHead
                title="Past the deadline"
                note={figures.sla_violations > late.length ? `${late.length} most valuable of ${figures.sla_violations}` : ''}
                to={lateAddress}
              />
              <ul aria-label="Past the deadline">
                {late.map((task) => (
                  <Task key={task.task_id} task={task} probability={undefined} loss={undefined} explained={false} />
                ))}
              </ul>
            </>
          )}
          <GroupHead
            title="Breaches next"
            note={byLoss ? '' : count(figures.sla_warning_24h, 'deadline') + ' within 24 hours'}
            to={listAddress(figures.lists?.executive.sla_warning_24h, soonest)}
          />
          {coming.length === 0 ? (
            <p className={styles.none}>No open task has a deadline ahead.</p>
          ) : (
            <ul aria-label="Breaches next">
              {coming.map((task) => {
                const seen = forecasts.get(task.task_id);
                return (
                  <Task
                    key={task.task_id}
                    task={task}
                    probability={seen?.probability}
                    loss={byLoss ? seen?.expected_dollars_at_risk : undefined}
                    explained={known}
                  />
                );
              })}
            </ul>
          )}
        </>
      )}
    </Card>
  );
}

function GroupHead({ title, note, to }: { title: string; note: string; to: string | undefined }) {
  return (
    <div className={styles.head}>
      <h3>{title}</h3>
      <span>{note}</span>
      {to && (
        <Link href={to} data-screen-only>
          Open the list<span className="visually-hidden"> of {title.toLowerCase()}</span>
        </Link>
      )}
    </div>
  );
}

interface TaskProps {
  task: Row;
  probability: number | null | undefined;
  loss: number | null | undefined;
  /** Whether there is a model that can say why. */
  explained: boolean;
}

function Task({ task, probability, loss, explained }: TaskProps) {
  const [open, setOpen] = useState(false);
  const reasons = useId();
  return (
    <li className={styles.task}>
      <span className={styles.countdown}>
        <Countdown deadline={task.sla_deadline ?? null} state={task.sla_state} />
      </span>
      <span className={styles.what}>
        <Link href={`/tasks/${encodeURIComponent(task.task_id)}`}>{task.title}</Link>
        <span className={styles.where}>{task.workflow_category}</span>
      </span>
      <span className={styles.owner}>
        <Avatar name={task.current_owner ?? null} withName size={20} />
      </span>
      <span className={styles.value}>
        <span title={money(loss ?? task.dollar_value)}>{moneyCompact(loss ?? task.dollar_value)}</span>
        {loss != null && <span className={styles.of}> of {moneyCompact(task.dollar_value)}</span>}
      </span>
      {explained && (
        <button
          type="button"
          className={classes(styles.why, probability != null && probability >= 0.5 && styles.likely)}
          aria-expanded={open}
          aria-controls={open ? reasons : undefined}
          aria-label={`${probability == null ? 'Why' : `${percent(Math.round(100 * probability))} likely to breach, why`}: ${task.title}`}
          onClick={() => setOpen(!open)}
          data-screen-only
        >
          {probability == null ? 'Why' : `${percent(Math.round(100 * probability))} likely`}
          <Icon name={open ? 'chevronDown' : 'chevronRight'} size={13} />
        </button>
      )}
      {open && (
        <div id={reasons} className={styles.reasons}>
          <Reasons taskId={task.task_id} />
        </div>
      )}
    </li>
  );
}

function Reasons({ taskId }: { taskId: string }) {
  const { data, error, refetch } = useTaskForecast(taskId);
  if (error) return <ErrorState error={error} title="The forecast could not be loaded" onRetry={() => void refetch()} />;
  if (!data) return <Skeleton label="Loading the reasons" rows={3} />;
  const { probability, expected_dollars_at_risk: loss, reasons } = data.forecast;
  return (
    <>
      {probability != null && (
        <p className={styles.said}>
          {percent(Math.round(1000 * probability) / 10)} likely to breach
          {loss != null && `: ${money(loss)} expected at risk`}
        </p>
      )}
      <ul className={styles.because}>
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </>
  );
}
