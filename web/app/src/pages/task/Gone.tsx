import { useQuery } from '@tanstack/react-query';
import { http, unwrap } from '../../data/http';
import type { Problem } from '../../data/problem';
import { ButtonLink, EmptyState, Page, PageHeader, type IconName } from '../../ui';
import { History } from './History';
import { Regroupings } from './Related';
import styles from './Task.module.css';

const BACK = { to: '/tasks', label: 'Tasks' };

/** There is no such task. */
export function Missing() {
  return (
    <Page narrow>
      <PageHeader title="No such task" back={BACK} />
      <EmptyState icon="search" title="This task does not exist" action={<ButtonLink to="/tasks">All tasks</ButtonLink>}>
        The address may be mistyped.
      </EmptyState>
    </Page>
  );
}

/** The task is deleted, or ended in another one; its history stays. */
export function Gone({ id, problem }: { id: string; problem: Problem }) {
  const into = problem.mergedInto;
  const icon: IconName = into ? 'merge' : 'trash';
  return (
    <Page narrow>
      <PageHeader title={into ? 'Task was merged' : 'Task was deleted'} back={BACK} />
      {into ? (
        <EmptyState icon={icon} title="This task ended in another one" action={<ButtonLink variant="primary" to={`/tasks/${encodeURIComponent(into)}`}>Open the task that is left</ButtonLink>}>
          <Survivor id={into} />
        </EmptyState>
      ) : (
        <EmptyState icon={icon} title="This task is gone" action={<ButtonLink to="/tasks">All tasks</ButtonLink>}>
          It has left every list and figure. Its history stays.
        </EmptyState>
      )}
      <div className={styles.main}>
        <History taskId={id} />
        <Regroupings taskId={id} />
      </div>
    </Page>
  );
}

function Survivor({ id }: { id: string }) {
  const survivor = useQuery({
    queryKey: ['task', id, 'task'],
    queryFn: ({ signal }) => unwrap(http.GET('/api/workflow/get/{task_id}', { params: { path: { task_id: id } }, signal })),
  });
  return <>{survivor.data ? `Its mails and comments are in “${survivor.data.task.title}”.` : 'Its mails and comments are there.'}</>;
}
