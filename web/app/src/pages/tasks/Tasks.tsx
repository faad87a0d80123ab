import { useInfiniteQuery, keepPreviousData } from '@tanstack/react-query';
import type { components } from '@workflow-intelligence/client';
import { Link, useSearchParams } from 'wouter';
import { http, unwrap } from '../../data/http';
import {
  Avatar,
  Button,
  Card,
  Countdown,
  DataTable,
  EmptyState,
  ErrorState,
  LoadMore,
  Money,
  MultiSelect,
  Page,
  PageHeader,
  PriorityTag,
  SearchInput,
  Skeleton,
  STATUSES,
  StatusBadge,
  StatusIcon,
  Toolbar,
  type Column,
  type Sort,
  type Status,
} from '../../ui';
import { words } from '../../data/format';
import styles from './Tasks.module.css';

type Task = components['schemas']['TaskRow'];
const SORTS = ['created_at', 'updated_at', 'sla_deadline', 'dollar_value', 'priority'] as const;

const COLUMNS: readonly Column<Task>[] = [
  { key: 'status', header: 'Status', width: '7rem', cell: (task) => <StatusBadge status={task.task_status} /> },
  {
    key: 'title',
    header: 'Title',
    rowHeader: true,
    cell: (task) => (
      <Link href={`/tasks/${encodeURIComponent(task.task_id)}`} className={styles.title}>
        {task.title}
      </Link>
    ),
  },
  { key: 'category', header: 'Category', optional: true, cell: (task) => <span className={styles.quiet}>{task.workflow_category}</span> },
  { key: 'priority', header: 'Priority', sortable: true, cell: (task) => <PriorityTag priority={task.priority} /> },
  { key: 'owner', header: 'Owner', cell: (task) => <Avatar name={task.current_owner ?? null} withName /> },
  { key: 'dollar_value', header: 'Value', align: 'end', sortable: true, cell: (task) => <Money value={task.dollar_value} /> },
  {
    key: 'sla_deadline',
    header: 'Deadline',
    align: 'end',
    sortable: true,
    cell: (task) => <Countdown deadline={task.sla_deadline ?? null} state={task.sla_state} />,
  },
];

export default function Tasks() {
  const [params, setParams] = useSearchParams();
  const status = params.getAll('status').filter((value): value is Status => STATUSES.includes(value as Status));
  const q = params.get('q') ?? '';
  const sortKey = SORTS.find((sort) => sort === params.get('sort')) ?? 'created_at';
  const direction = params.get('direction') === 'asc' ? 'asc' : 'desc';
  const filters = { status, q: q || undefined, sort: sortKey, direction } as const;

  const tasks = useInfiniteQuery({
    queryKey: ['tasks', 'list', filters],
    queryFn: ({ pageParam, signal }) =>
      unwrap(http.GET('/api/workflow/list', { params: { query: { ...filters, limit: 50, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.pagination.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
  const rows = tasks.data?.pages.flatMap((page) => page.tasks) ?? [];
  const change = (change: (params: URLSearchParams) => void) =>
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        change(next);
        return next;
      },
      { replace: true },
    );
  const onSort = (sort: Sort) =>
    change((next) => {
      next.set('sort', sort.key);
      next.set('direction', sort.direction);
    });
  const filtered = status.length > 0 || q !== '';
  const clear = () => setParams({});

  return (
    <Page>
      <PageHeader title="Tasks" />
      <Toolbar label="Filters">
        <SearchInput
          label="Search tasks"
          defaultValue={q}
          onChange={(event) => change((next) => (event.target.value ? next.set('q', event.target.value) : next.delete('q')))}
        />
        <MultiSelect
          label="Status"
          choices={STATUSES.map((value) => ({ value, label: words(value), icon: <StatusIcon status={value} /> }))}
          selected={status}
          onChange={(chosen) =>
            change((next) => {
              next.delete('status');
              for (const value of chosen) next.append('status', value);
            })
          }
        />
        {filtered && (
          <Button variant="ghost" onClick={clear}>
            Clear
          </Button>
        )}
      </Toolbar>
      {tasks.error ? (
        <ErrorState error={tasks.error} title="The tasks could not be loaded" onRetry={() => void tasks.refetch()} />
      ) : tasks.isPending ? (
        <Skeleton label="Loading tasks" rows={12} />
      ) : (
        <>
          <Card flush>
            <DataTable
              caption="Tasks"
              columns={COLUMNS}
              rows={rows}
              rowKey={(task) => task.task_id}
              sort={{ key: sortKey, direction }}
              onSort={onSort}
              empty={
                filtered ? (
                  <EmptyState icon="filter" title="No task matches" action={<Button onClick={clear}>Clear the filters</Button>} />
                ) : (
                  <EmptyState icon="tasks" title="No tasks yet">
                    Tasks appear as mail comes in.
                  </EmptyState>
                )
              }
            />
          </Card>
          <LoadMore
            shown={rows.length}
            total={tasks.data?.pages[0]?.pagination.total}
            one="task"
            hasMore={tasks.hasNextPage}
            loading={tasks.isFetchingNextPage}
            onMore={() => void tasks.fetchNextPage()}
          />
        </>
      )}
    </Page>
  );
}
