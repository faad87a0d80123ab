import type { components } from '@workflow-intelligence/client';
import { count, number, percent } from '../../data/format';
import { DataTable, ErrorState, RelativeTime } from '../../ui';
import styles from './Forecast.module.css';
import { useModel } from './queries';

type Bin = components['schemas']['ForecastBin'];

const whole = (share: number) => percent(Math.round(100 * share));

/** How good the forecasts are, from those whose outcome is known. */
export function Model({ fittedAt }: { fittedAt: string }) {
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
            ? `In a test on ${count(calibration.forecasts, 'later forecast')} it erred ${whole(calibration.skill)} less than always saying the base rate of ${whole(calibration.breached_share)}.`
            : `In a test on ${count(calibration.forecasts, 'later forecast')} it was no better than the base rate: read it with care.`
          : 'Nothing has fallen due yet that it could be tested on.'}
      </p>
      {calibration && bins.length > 0 && (
        <>
          <Calibration bins={bins} />
          <details className={styles.details} data-screen-only>
            <summary>The test in figures</summary>
            <DataTable
              caption="Forecasts of the test and what came of them"
              rows={bins}
              rowKey={(bin) => String(bin.from)}
              columns={[
                { key: 'said', header: 'Said', rowHeader: true, cell: (bin) => `${whole(bin.from)} to ${whole(bin.to)}` },
                { key: 'happened', header: 'Breached', align: 'end', cell: (bin) => (bin.breached_share == null ? '–' : whole(bin.breached_share)) },
                { key: 'n', header: 'Forecasts', align: 'end', cell: (bin) => number(bin.forecasts) },
              ]}
            />
            <p className={styles.note}>
              Brier score {calibration.brier.toFixed(3)}; of the base rate {calibration.base_brier.toFixed(3)} ({calibration.base}). 0 is perfect.
            </p>
          </details>
        </>
      )}
    </div>
  );
}

const WIDTH = 220;
const HEIGHT = 96;

/** What was said and what happened: points on the line are right, those above it were said too low. */
function Calibration({ bins }: { bins: readonly Bin[] }) {
  const most = Math.max(...bins.map((bin) => bin.forecasts));
  const x = (share: number) => 2 + share * (WIDTH - 8);
  const y = (share: number) => HEIGHT - 4 - share * (HEIGHT - 10);
  return (
    <figure className={styles.calibration}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label="What was said against what happened; the same is in the figures of the test">
        <path d={`M2 ${HEIGHT - 4}H${WIDTH - 4}M2 ${HEIGHT - 4}V4`} fill="none" stroke="var(--line-strong)" strokeWidth="1" />
        <path d={`M${x(0)} ${y(0)}L${x(1)} ${y(1)}`} stroke="var(--line-strong)" strokeWidth="1" strokeDasharray="3 3" />
        {bins.map(
          (bin) =>
            bin.mean_forecast != null &&
            bin.breached_share != null && (
              <circle
                key={bin.from}
                cx={x(bin.mean_forecast)}
                cy={y(bin.breached_share)}
                r={2 + 3 * Math.sqrt(bin.forecasts / most)}
                fill="var(--accent)"
                fillOpacity="0.8"
              />
            ),
        )}
      </svg>
      <figcaption className={styles.note}>Across: how likely it was said to be. Up: how often it happened. On the dashed line both agree.</figcaption>
    </figure>
  );
}
