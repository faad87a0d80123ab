import { count, number } from '../../data/format';
import { Card, DateTime, ErrorState, Money, Progress, Skeleton } from '../../ui';
import styles from './Forecast.module.css';
import { Model } from './Model';
import { useForecast } from './queries';

/** What is to be expected of the next days, and how far one may believe it. */
export function Forecast() {
  const { data, error, refetch } = useForecast();
  return (
    <Card title="Forecast" description="Deadlines that are to come, each with its probability of a breach">
      {error && !data && <ErrorState error={error} title="The forecast could not be loaded" onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton label="Loading the forecast" height="12rem" />}
      {data?.history && (
        <div className={styles.wanting}>
          <p>No forecast yet. {data.history.detail}</p>
          <Progress label="Completed tasks a model needs" value={data.history.completed} max={data.history.needed} />
        </div>
      )}
      {data?.model && (
        <>
          <div className={styles.horizons}>
            <Horizon title="Next 24 hours" {...data.totals.next_24_hours} />
            <Horizon title="Next 7 days" {...data.totals.next_7_days} />
          </div>
          {data.totals.counted_to && (
            <p className={styles.note}>
              Counted up to the deadline of <DateTime at={data.totals.counted_to} />: more fall due than are looked at.
            </p>
          )}
          <Model fittedAt={data.model.fitted_at} />
        </>
      )}
    </Card>
  );
}

interface HorizonProps {
  title: string;
  tasks: number;
  expected_breaches: number;
  expected_dollars_at_risk: number;
}

function Horizon({ title, tasks, expected_breaches: breaches, expected_dollars_at_risk: dollars }: HorizonProps) {
  return (
    <div>
      <h3 className={styles.title}>{title}</h3>
      <p className={styles.dollars}>
        <Money value={dollars} compact />
      </p>
      <p className={styles.note}>
        expected at risk: {number(Math.round(breaches * 10) / 10)} of {count(tasks, 'deadline')} expected to be missed
      </p>
    </div>
  );
}
