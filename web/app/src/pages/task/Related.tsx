import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { count, words } from '../../data/format';
import { http, unwrap } from '../../data/http';
import { Button, Card, ConfirmDialog, EmptyState, ErrorState, Icon, RelativeTime, Skeleton, StatusBadge, Tag } from '../../ui';
import styles from './Activity.module.css';
import { MergeDialog, undo } from './Regroup';
import type { Regrouping, Task } from './types';

const KINDS: Record<string, string> = { po: 'PO', quote: 'quote', case: 'case', order: 'order', part: 'part', tracking: 'tracking', customer: 'customer', person: 'person' };

/** Tasks that have something in common with this one, the most first. */
export function Related({ task }: { task: Task }) {
  const [all, setAll] = useState(false);
  const [merging, setMerging] = useState<string>();
  const related = useQuery({
    queryKey: ['task', task.task_id, 'related'],
    queryFn: ({ signal }) =>
      unwrap(http.GET('/api/workflow/related/{task_id}', { params: { path: { task_id: task.task_id }, query: { limit: 20 } }, signal })),
  });
  const list = related.data?.related ?? [];
  const other = list.find(({ task: { task_id } }) => task_id === merging)?.task;
  return (
    <Card title="Related tasks">
      {related.error ? (
        <ErrorState error={related.error} title="Related tasks could not be loaded" onRetry={() => void related.refetch()} />
      ) : related.isPending ? (
        <Skeleton label="Loading related tasks" rows={3} />
      ) : list.length === 0 ? (
        <EmptyState icon="link" title="None">
          No other task shares a number, a customer or a person with this one.
        </EmptyState>
      ) : (
        <>
          <ul className={styles.related}>
            {list.slice(0, all ? undefined : 5).map(({ task: row, shared }) => (
              <li key={row.task_id} className={styles.relatedItem}>
                <div>
                  <Link href={`/tasks/${encodeURIComponent(row.task_id)}`} className={styles.relatedTitle}>
                    {row.title}
                  </Link>
                  <p className={styles.shared}>
                    <StatusBadge status={row.task_status} look="plain" />
                    {shared.slice(0, 4).map(({ kind, value }) => (
                      <span key={`${kind}-${value}`}>
                        {KINDS[kind] ?? words(kind)} {value}
                      </span>
                    ))}
                    {shared.length > 4 && <span>and {shared.length - 4} more</span>}
                  </p>
                </div>
                <Button size="sm" variant="ghost" icon="merge" needs="operator of all" aria-label={`Merge with ${row.title}`} onClick={() => setMerging(row.task_id)}>
                  Merge
                </Button>
              </li>
            ))}
          </ul>
          {list.length > 5 && (
            <Button size="sm" variant="ghost" onClick={() => setAll(!all)}>
              {all ? 'Show fewer' : `Show all ${list.length}`}
            </Button>
          )}
        </>
      )}
      {other && <MergeDialog task={task} other={other} onClose={() => setMerging(undefined)} />}
    </Card>
  );
}

/** Merges and splits of the task, each to be undone. */
export function Regroupings({ taskId }: { taskId: string }) {
  const queries = useQueryClient();
  const [undoing, setUndoing] = useState<Regrouping>();
  const regroupings = useQuery({
    queryKey: ['task', taskId, 'regroupings'],
    queryFn: ({ signal }) => unwrap(http.GET('/api/workflow/regroupings/{task_id}', { params: { path: { task_id: taskId } }, signal })),
  });
  const list = regroupings.data?.regroupings ?? [];
  if (regroupings.error) {
    return (
      <Card title="Merges and splits">
        <ErrorState error={regroupings.error} onRetry={() => void regroupings.refetch()} />
      </Card>
    );
  }
  if (list.length === 0) return null;
  return (
    <Card title="Merges and splits">
      <ul className={styles.related}>
        {list.map((one) => (
          <li key={one.id} className={styles.relatedItem}>
            <div>
              <p>
                <Icon name={one.kind} size={14} /> {one.kind === 'merge' ? `Merged ${count(one.others.length, 'task')} into this` : 'Split off a task'} by{' '}
                {one.made_by}, <RelativeTime at={one.made_at} />
              </p>
              <p className={styles.shared}>
                {one.others.map((id) => (
                  <Link key={id} href={`/tasks/${encodeURIComponent(id)}`}>
                    {id}
                  </Link>
                ))}
                {one.emails.length > 0 && <span>{count(one.emails.length, 'mail')} moved</span>}
                {one.reason && <span>“{one.reason}”</span>}
              </p>
            </div>
            {one.undone_at ? (
              <Tag>Undone{one.undone_by ? ` by ${one.undone_by}` : ''}</Tag>
            ) : (
              <Button size="sm" variant="ghost" icon="undo" needs="operator of all" aria-label={`Undo the ${one.kind} by ${one.made_by}`} onClick={() => setUndoing(one)}>
                Undo
              </Button>
            )}
          </li>
        ))}
      </ul>
      <ConfirmDialog
        open={undoing !== undefined}
        onClose={() => setUndoing(undefined)}
        title={undoing?.kind === 'merge' ? 'Undo the merge?' : 'Undo the split?'}
        confirm={undoing?.kind === 'merge' ? 'Undo the merge' : 'Undo the split'}
        reason="optional"
        onConfirm={async (reason) => {
          if (undoing) await undo(undoing, reason);
          void queries.invalidateQueries({ queryKey: ['task'] });
          void queries.invalidateQueries({ queryKey: ['tasks'] });
        }}
      >
        {undoing?.kind === 'merge'
          ? 'The merged tasks are there again as they were. What was changed since stays.'
          : 'The task that was split off ends in this one, with all the mail and comments it has by now.'}
      </ConfirmDialog>
    </Card>
  );
}
