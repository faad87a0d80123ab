import { useQuery } from '@tanstack/react-query';
import { duration, percent } from '../../data/format';
import { http, unwrap } from '../../data/http';
import { Card, ErrorState, Money, Skeleton } from '../../ui';
import styles from './Sla.module.css';
import type { Task } from './types';

const HOUR = 3_600_000;

/** How likely the task is to miss its deadline, and why. */
export function Forecast({ task }: { task: Task }) {
  const open = task.task_status !== 'COMPLETED';
  const forecast = useQuery({
    queryKey: ['task', task.task_id, 'forecast'],
    enabled: open,
    queryFn: ({ signal }) => unwrap(http.GET('/api/forecast/{task_id}', { params: { path: { task_id: task.task_id } }, signal })),
  });
  if (!open) return null;
  return (
    <Card title="Forecast">
      {forecast.error ? (
        <ErrorState error={forecast.error} title="The forecast could not be loaded" onRetry={() => void forecast.refetch()} />
      ) : forecast.isPending ? (
        <Skeleton label="Loading the forecast" rows={3} />
      ) : (
        <Expected {...forecast.data} />
      )}
    </Card>
  );
}

type Answer = Awaited<ReturnType<typeof ask>>;
const ask = (id: string) => unwrap(http.GET('/api/forecast/{task_id}', { params: { path: { task_id: id } } }));

function Expected({ forecast, history }: Answer) {
  const { probability, expected_dollars_at_risk: risk, median_hours: median, completed, reasons } = forecast;
  return (
    <div className={styles.forecast}>
      {probability !== null && (
        <>
          <p className={styles.probability}>
            <span className={styles.figure}>{percent(Math.round(probability * 1000) / 10)}</span>
            <span className={styles.quiet}>to miss its deadline</span>
          </p>
          <meter className={styles.meter} min={0} max={1} low={0.3} high={0.7} optimum={0} value={probability} aria-label="Probability of missing the deadline" />
        </>
      )}
      {reasons.length > 0 && (
        <ul className={styles.reasons}>
          {reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      {risk !== null && risk > 0 && (
        <p className={styles.quiet}>
          <Money value={risk} /> expected at risk
        </p>
      )}
      {median !== null && (
        <p className={styles.quiet}>
          Half of such tasks are done in {duration(median * HOUR)}
          {completed !== null && ` (of ${completed} completed)`}.
        </p>
      )}
      {history && <p className={styles.quiet}>{history.detail}</p>}
    </div>
  );
}
