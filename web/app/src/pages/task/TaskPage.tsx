import { useParams } from 'wouter';
import { Problem } from '../../data/problem';
import { ErrorState, Page, PageHeader, Skeleton } from '../../ui';
import { Gone, Missing } from './Gone';
import { HighlightProvider } from './highlight';
import { TaskView } from './TaskView';
import { EditingProvider, useTask, useTaskEditing } from './useTask';

export default function TaskPage() {
  const { id = '' } = useParams<{ id: string }>();
  // A key per task: what was opened or typed for one is not for the next.
  return <OneTask key={id} id={id} />;
}

function OneTask({ id }: { id: string }) {
  const answer = useTask(id);
  const editing = useTaskEditing(answer.data?.task);
  const problem = answer.error ? Problem.of(answer.error) : undefined;
  if (problem?.status === 410) return <Gone id={id} problem={problem} />;
  if (problem?.status === 404) return <Missing />;
  if (answer.data) {
    const { task, patterns } = answer.data;
    return (
      <EditingProvider value={{ ...editing, task }}>
        <HighlightProvider>
          <TaskView patterns={patterns} />
        </HighlightProvider>
      </EditingProvider>
    );
  }
  return (
    <Page>
      <PageHeader title="Task" back={{ to: '/tasks', label: 'Tasks' }} />
      {problem ? (
        <ErrorState error={problem} title="The task could not be loaded" onRetry={() => void answer.refetch()} />
      ) : (
        <Skeleton label="Loading the task" rows={10} />
      )}
    </Page>
  );
}
