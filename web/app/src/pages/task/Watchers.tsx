import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, unwrap } from '../../data/http';
import { useMay } from '../../data/session';
import { Avatar, Button, Card, ErrorState, IconButton, Input, Skeleton, toastProblem } from '../../ui';
import styles from './Fields.module.css';

/** Who follows the task. */
export function Watchers({ taskId }: { taskId: string }) {
  const queries = useQueryClient();
  const key = ['task', taskId, 'watchers'] as const;
  const [name, setName] = useState('');
  const mayEdit = useMay('operator');
  const watchers = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => unwrap(http.GET('/api/workflow/watchers/{task_id}', { params: { path: { task_id: taskId } }, signal })),
  });
  const change = useMutation({
    mutationFn: ({ who, add }: { who: string; add: boolean }) => {
      const params = { path: { task_id: taskId, name: who }, header: { Prefer: 'wait=10' } };
      return unwrap<unknown>(
        add ? http.PUT('/api/workflow/watchers/{task_id}/{name}', { params }) : http.DELETE('/api/workflow/watchers/{task_id}/{name}', { params }),
      );
    },
    onSuccess: (_, { add }) => {
      if (add) setName('');
      void queries.invalidateQueries({ queryKey: key });
    },
    onError: (error) => toastProblem(error, 'The watchers were not changed'),
  });
  const list = watchers.data?.watchers ?? [];
  return (
    <Card title="Watchers">
      {watchers.error ? (
        <ErrorState error={watchers.error} title="The watchers could not be loaded" onRetry={() => void watchers.refetch()} />
      ) : watchers.isPending ? (
        <Skeleton label="Loading watchers" rows={2} />
      ) : (
        <>
          {list.length > 0 && (
            <ul className={styles.watchers}>
              {list.map((watcher) => (
                <li key={watcher.name} className={styles.watcher}>
                  <Avatar name={watcher.name} withName />
                  <IconButton
                    needs="operator"
                    icon="close"
                    size="sm"
                    label={`Remove ${watcher.name}`}
                    onClick={() => change.mutate({ who: watcher.name, add: false })}
                  />
                </li>
              ))}
            </ul>
          )}
          {!mayEdit && list.length === 0 && <p className={styles.none}>Nobody.</p>}
          {mayEdit && (
            <form
              className={styles.addWatcher}
              data-screen-only
              onSubmit={(event) => {
                event.preventDefault();
                if (name.trim()) change.mutate({ who: name.trim(), add: true });
              }}
            >
              <Input aria-label="Name of a watcher" placeholder="Add a watcher" maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
              <Button type="submit" busy={change.isPending} disabled={name.trim() === ''}>
                Add
              </Button>
            </form>
          )}
        </>
      )}
    </Card>
  );
}
