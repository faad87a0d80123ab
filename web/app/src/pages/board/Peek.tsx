import { useQuery } from '@tanstack/react-query';
import { words } from '../../data/format';
import { http, unwrap } from '../../data/http';
import { Avatar, ButtonLink, Countdown, DateTime, DescriptionList, Dialog, ErrorState, Money, PriorityTag, RelativeTime, Skeleton, StatusBadge, Tag } from '../../ui';
import styles from './Board.module.css';
import { useFocusAfter } from './focus';
import { changesSince } from './sayings';

/** The essentials of a task beside the board. */
export function Peek({ id, onClose }: { id: string; onClose: () => void }) {
  useFocusAfter(id);
  const { data, error, refetch } = useQuery({
    queryKey: ['task', id, 'peek'],
    queryFn: ({ signal }) => unwrap(http.GET('/api/workflow/get/{task_id}', { params: { path: { task_id: id } }, signal })),
  });
  const task = data?.task;
  const changes = data ? changesSince(data.history, 0).reverse() : [];
  const entities = task ? Object.values(task.entities).flat() : [];
  return (
    <Dialog
      open
      onClose={onClose}
      title={task?.title ?? 'Task'}
      look="side"
      footer={
        <ButtonLink to={`/tasks/${encodeURIComponent(id)}`} variant="primary" icon="right">
          Open the task
        </ButtonLink>
      }
    >
      {error ? (
        <ErrorState error={error} title="The task could not be loaded" onRetry={() => void refetch()} />
      ) : !task ? (
        <Skeleton label="Loading the task" rows={8} />
      ) : (
        <div className={styles.peek}>
          <DescriptionList
            items={[
              ['Status', <StatusBadge status={task.task_status} />],
              ...(task.manual_status !== task.task_status ? [['Set by hand', <StatusBadge status={task.manual_status} look="plain" />] as const] : []),
              ['State', words(task.workflow_state)],
              ['Priority', <PriorityTag priority={task.priority} />],
              ['Owner', <Avatar name={task.current_owner} withName />],
              ['Value', task.dollar_value > 0 ? <Money value={task.dollar_value} /> : 'No value'],
              ['Deadline', <Countdown deadline={task.sla_deadline} state={task.sla_state} />],
              ['Due', task.sla_deadline && <DateTime at={task.sla_deadline} />],
              ['Category', task.workflow_category],
              ['Mailbox', task.mailbox_source],
              ['Created', <RelativeTime at={task.created_at} />],
            ]}
          />
          {entities.length > 0 && (
            <p className={styles.entities}>
              {entities.slice(0, 12).map((entity) => (
                <Tag key={entity}>{entity}</Tag>
              ))}
            </p>
          )}
          {task.description && <p className={styles.text}>{task.description}</p>}
          {changes.length > 0 && (
            <section>
              <h3>Last changes</h3>
              <ul className={styles.changes}>
                {changes.map((line, at) => (
                  <li key={at}>{line}</li>
                ))}
              </ul>
            </section>
          )}
        </div>
      )}
    </Dialog>
  );
}
