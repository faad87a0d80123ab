import { useQuery } from '@tanstack/react-query';
import { count, money, moneyCompact, number, percent } from '../../data/format';
import { http, unwrap } from '../../data/http';
import { Avatar, BarList, Card, ErrorState, Grid, Money, Page, PageHeader, RelativeTime, Skeleton, StatCard, StatusIcon, type Status } from '../../ui';
import styles from './Overview.module.css';

const TILES: { status: Status; label: string; note: string }[] = [
  { status: 'RED', label: 'Red', note: 'critical or past the deadline' },
  { status: 'YELLOW', label: 'Yellow', note: 'close to the deadline' },
  { status: 'GREEN', label: 'Green', note: 'on track' },
  { status: 'COMPLETED', label: 'Completed', note: 'done' },
];

export default function Overview() {
  const { data, error, refetch } = useQuery({
    queryKey: ['metrics', 'now'],
    queryFn: ({ signal }) => unwrap(http.GET('/api/workflow/metrics', { signal })),
  });
  const counts = data && { RED: data.red_tasks, YELLOW: data.yellow_tasks, GREEN: data.green_tasks, COMPLETED: data.completed_tasks };
  return (
    <Page>
      <PageHeader
        title="Overview"
        description={
          data && (
            <>
              {count(data.total_tasks, 'task')}, figures from <RelativeTime at={data.calculated_at} />
            </>
          )
        }
      />
      {error && <ErrorState error={error} title="The figures could not be loaded" onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton label="Loading the figures" height="20rem" />}
      {data && counts && (
        <>
          <Grid min="10rem">
            {TILES.map(({ status, label, note }) => (
              <StatCard
                key={status}
                label={label}
                icon={<StatusIcon status={status} />}
                value={number(counts[status])}
                note={`${percent(Math.round((1000 * counts[status]) / Math.max(1, data.total_tasks)) / 10)}, ${note}`}
                to={`/tasks?status=${status}`}
              />
            ))}
          </Grid>
          <Grid min="10rem">
            <StatCard
              label="Revenue at risk"
              value={<Money value={data.revenue_at_risk} compact />}
              note={`of ${moneyCompact(data.active_revenue)} in open tasks`}
              to="/tasks?status=RED&sort=dollar_value"
            />
            <StatCard
              label="SLA met"
              value={data.sla_met_percentage == null ? 'None yet' : percent(data.sla_met_percentage)}
              note="of completed tasks with a deadline"
              to="/tasks?status=COMPLETED"
            />
            <StatCard
              label="Past the deadline"
              value={number(data.sla_violations)}
              note={`${count(data.sla_critical_4h, 'more', 'more')} within 4 hours`}
              to="/tasks?sla_state=violated&sort=sla_deadline&direction=asc"
            />
            <StatCard
              label="Due within 24 hours"
              value={number(data.sla_warning_24h)}
              note={`${count(data.real_time.due_next_hour, 'task')} within the hour`}
              to="/tasks?open=true&sort=sla_deadline&direction=asc"
            />
          </Grid>
          <div className={styles.halves}>
            <Card title="Categories" description="Open tasks by colour, and what they are worth">
              <BarList
                label="Categories"
                bars={data.categories.map((category) => ({
                  key: category.workflow_category,
                  label: category.workflow_category,
                  to: `/tasks?category=${encodeURIComponent(category.workflow_category)}`,
                  value: category.total_tasks - category.completed_count,
                  shown: `${category.total_tasks - category.completed_count} · ${moneyCompact(category.total_value)}`,
                  parts: [
                    { name: 'Red', value: category.red_count, tone: 'red' },
                    { name: 'Yellow', value: category.yellow_count, tone: 'yellow' },
                    { name: 'Green', value: category.green_count, tone: 'green' },
                  ],
                }))}
              />
            </Card>
            <Card title="Owners" description="Open tasks by colour, most pressed first">
              <BarList
                label="Owners"
                bars={data.owners.map((owner) => ({
                  key: owner.current_owner ?? '',
                  label: <Avatar name={owner.current_owner ?? null} withName />,
                  to: owner.current_owner ? `/tasks?owner=${encodeURIComponent(owner.current_owner)}` : '/tasks?unassigned=true',
                  value: owner.total_active_tasks,
                  shown: (
                    <span title={money(owner.total_value_managed)}>
                      {owner.total_active_tasks} · {moneyCompact(owner.total_value_managed)}
                    </span>
                  ),
                  parts: [
                    { name: 'Red', value: owner.critical_tasks, tone: 'red' },
                    { name: 'Yellow', value: owner.warning_tasks, tone: 'yellow' },
                    { name: 'Green', value: owner.normal_tasks, tone: 'green' },
                  ],
                }))}
              />
            </Card>
          </div>
        </>
      )}
    </Page>
  );
}
