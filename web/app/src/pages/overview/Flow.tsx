import { Link } from 'wouter';
import { date, dateTime, number } from '../../data/format';
import { Card, Chart, ErrorState, Skeleton, type Series } from '../../ui';
import { breaches, listAddress, spanAddress, SPANS, totals, type Analytics, type Period } from './figures';
import styles from './Flow.module.css';
import { useAnalytics } from './queries';

/** What came in, what was done, and which deadlines were missed, over the period. */
export function Flow({ period }: { period: Period }) {
  const { data, error, refetch } = useAnalytics(period);
  return (
    <Card
      title={`Last ${SPANS[period]}`}
      description={period === 'day' ? 'By the hour; deadlines are counted by whole days, see the week' : 'By the day, in your time zone; breaches by the day of the deadline'}
    >
      {error && !data && <ErrorState error={error} title="The series could not be loaded" onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton label="Loading the series" height="20rem" />}
      {data && <Lines analytics={data} />}
    </Card>
  );
}

function Lines({ analytics }: { analytics: Analytics }) {
  const { trends, period, links, sla_performance: days } = analytics;
  const sums = totals(analytics);
  const hourly = period === 'day';
  const missed = breaches(analytics);
  const series: Series[] = [
    {
      name: 'Created',
      values: trends.map((row) => row.new_tasks),
      tone: 'neutral',
      links: links?.trends.map((row) => listAddress(row.new_tasks)),
    },
    {
      name: 'Completed',
      values: trends.map((row) => row.completed_tasks),
      tone: 'blue',
      kind: 'area',
      links: links?.trends.map((row) => listAddress(row.completed_tasks)),
    },
  ];
  if (!hourly) series.push({ name: 'Breached', values: missed, tone: 'red' });
  const figures: [label: string, value: number, address: string | undefined][] = [
    ['Created', sums.created, spanAddress(links?.trends, 'new_tasks')],
    ['Completed', sums.completed, spanAddress(links?.trends, 'completed_tasks')],
  ];
  if (!hourly) {
    figures.push(['Completed late', sums.late, spanAddress(links?.sla_performance, 'missed_slas')]);
    figures.push(['Open and late', sums.overdue, days.length > 0 ? spanAddress(links?.sla_performance, 'violated_slas') : undefined]);
  }
  const backlog = sums.created - sums.completed;
  return (
    <>
      <dl className={styles.sums}>
        {figures.map(([label, value, to]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{to ? <Link href={to}>{number(value)}</Link> : number(value)}</dd>
          </div>
        ))}
        <div>
          <dt>Created less completed</dt>
          <dd className={backlog > 0 ? styles.grew : styles.shrank}>
            {backlog === 0 ? '0' : `${backlog > 0 ? '+' : '−'}${number(Math.abs(backlog))}`}
          </dd>
        </div>
      </dl>
      <Chart
        label={`Tasks created and completed${hourly ? '' : ', and deadlines missed'}, last ${SPANS[period]}`}
        times={trends.map((row) => Date.parse(row.bucket) / 1000)}
        series={series}
        formatTime={(seconds) => (hourly ? dateTime(seconds * 1000) : date(seconds * 1000))}
        height={220}
      />
    </>
  );
}
