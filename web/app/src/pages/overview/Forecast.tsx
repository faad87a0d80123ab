import { count, number, percent } from '../../data/format';
import { Card, DataTable, DateTime, ErrorState, Money, Progress, RelativeTime, Skeleton } from '../../ui';
import styles from './Forecast.module.css';
import { useForecast, useModel } from './queries';

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

/** How good the forecasts are, from those whose outcome is known. */
function Model({ fittedAt }: { fittedAt: string }) {
  const { data, error, refetch } = useModel();
  if (error && !data) return <ErrorState error={error} title="The model could not be loaded" onRetry={() => void refetch()} />;
  if (!data?.model) return null;
  const { model, calibration } = data;
  const bins = calibration?.bins.filter((bin) => bin.forecasts > 0) ?? [];
  return (
    <div className={styles.model}>
      <p className={styles.note}>
        From {count(model.completed, 'completed task')}, fitted <RelativeTime at={fittedAt} />.{' '}
        {calibration
          ? calibration.skill > 0
            ? `In a test on ${count(calibration.forecasts, 'later forecast')} it erred ${percent(Math.round(100 * calibration.skill))} less than always saying the base rate of ${percent(Math.round(100 * calibration.breached_share))}.`
            : `In a test on ${count(calibration.forecasts, 'later forecast')} it was no better than the base rate: read it with care.`
          : 'Nothing has fallen due yet that it could be tested on.'}
      </p>
      {calibration && bins.length > 0 && (
        <details className={styles.details} data-screen-only>
          <summary>Said and happened</summary>
          <DataTable
            caption="Forecasts of the test and what came of them"
            rows={bins}
            rowKey={(bin) => String(bin.from)}
            columns={[
              { key: 'said', header: 'Said', rowHeader: true, cell: (bin) => `${percent(Math.round(100 * bin.from))} to ${percent(Math.round(100 * bin.to))}` },
              { key: 'happened', header: 'Breached', align: 'end', cell: (bin) => (bin.breached_share == null ? '–' : percent(Math.round(100 * bin.breached_share))) },
              { key: 'n', header: 'Forecasts', align: 'end', cell: (bin) => number(bin.forecasts) },
            ]}
          />
          <p className={styles.note}>
            Brier score {calibration.brier.toFixed(3)}; of the base rate {calibration.base_brier.toFixed(3)} ({calibration.base}). 0 is perfect.
          </p>
        </details>
      )}
    </div>
  );
}
