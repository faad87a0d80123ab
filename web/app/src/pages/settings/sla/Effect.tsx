import type { UseQueryResult } from '@tanstack/react-query';
import type { components } from '@workflow-intelligence/client';
import { Link } from 'wouter';
import type { Problem } from '../../../data/problem';
import { count, dateTime, number } from '../../../data/format';
import { DataTable, Icon, Skeleton } from '../../../ui';
import type { Effect } from './book';
import styles from './Sla.module.css';

type DryRun = UseQueryResult<components['schemas']['SlaBookChange'], Problem>;

/** How many open tasks would get another plan, in one line. */
export function EffectLine({ dryRun }: { dryRun: DryRun }) {
  if (dryRun.error) return null;
  const effect = dryRun.data?.effect;
  if (!effect) return <Skeleton label="Counting tasks" rows={1} />;
  return (
    <p className={styles.effect} aria-live="polite">
      <Icon name={effect.changed > 0 ? 'tasks' : 'check'} />
      <span>
        {!dryRun.data?.changed ? (
          'This says the same as the present book.'
        ) : effect.changed === 0 ? (
          `Recomputing would move none of ${count(effect.examined, 'open task')}.`
        ) : (
          <>
            Recomputing would move <strong>{number(effect.changed)}</strong> of {count(effect.examined, 'open task')}.
          </>
        )}
      </span>
    </p>
  );
}

/** Some of the tasks that would get another plan. */
export function EffectSample({ effect }: { effect: Effect }) {
  if (effect.sample.length === 0) return null;
  const at = (deadline: string | null) => (deadline ? dateTime(deadline) : 'None');
  return (
    <details className={styles.details}>
      <summary>{effect.sample.length < effect.changed ? `The first ${effect.sample.length} of them` : 'Which ones'}</summary>
      <DataTable
        caption="Tasks that would get another plan"
        rows={effect.sample}
        rowKey={({ task_id }) => task_id}
        columns={[
          {
            key: 'task',
            header: 'Task',
            rowHeader: true,
            cell: ({ task_id }) => <Link href={`/tasks/${encodeURIComponent(task_id)}`}>{task_id.slice(-8)}</Link>,
          },
          { key: 'policy', header: 'Policy', cell: (row) => (row.policy_before === row.policy_after ? row.policy_after : `${row.policy_before ?? 'None'} → ${row.policy_after ?? 'none'}`) },
          { key: 'before', header: 'Due now', align: 'end', cell: (row) => at(row.deadline_before) },
          { key: 'after', header: 'Would be due', align: 'end', cell: (row) => at(row.deadline_after) },
        ]}
      />
    </details>
  );
}
