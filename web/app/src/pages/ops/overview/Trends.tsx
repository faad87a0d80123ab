import { useMemo } from 'react';
import { duration, numberCompact, percent, time } from '../../../data/format';
import { Card, Chart, Select } from '../../../ui';
import { lines, type Sample } from '../common/history';
import { PERIOD } from '../common/queries';
import styles from './OpsOverview.module.css';

interface TrendsProps {
  samples: readonly Sample[];
  queues: readonly string[];
  queue: string | null;
  onQueue: (name: string) => void;
}

const clock = (seconds: number) => `${time(seconds * 1000)}:${String(Math.floor(seconds) % 60).padStart(2, '0')}`;

/** What has been seen since the page was opened: the API tells of now alone. */
export function Trends({ samples, queues, queue, onQueue }: TrendsProps) {
  const seen = useMemo(() => lines(samples, queue), [samples, queue]);
  const first = seen.times[0];
  const shared = { times: seen.times, formatTime: clock, height: 150 };
  const failing = useMemo(() => [{ name: queue ? 'Failing' : 'Failing, worst queue', values: seen.failing, tone: 'red' as const, kind: 'area' as const, format: (value: number) => percent(Math.round(value * 10) / 10) }], [seen, queue]);
  const depth = useMemo(
    () => [
      { name: 'Waiting', values: seen.waiting, tone: 'accent' as const, kind: 'area' as const, format: numberCompact },
      { name: 'Running', values: seen.running, tone: 'green' as const, dashed: true, format: numberCompact },
    ],
    [seen],
  );
  const done = useMemo(() => [{ name: 'Completed in a minute', values: seen.completed, tone: 'blue' as const, kind: 'area' as const, format: numberCompact }], [seen]);
  return (
    <Card
      title="Since you opened this page"
      description={
        first === undefined
          ? 'Measured here, as nobody keeps them.'
          : `From ${clock(first)}, a look every ${duration(PERIOD)} while the page is in sight. Nothing from before; gone when you close it.`
      }
      actions={
        <Select
          aria-label="Queue of the charts"
          value={queue ?? ''}
          choices={[{ value: '', label: 'All queues' }, ...queues.map((name) => ({ value: name, label: name }))]}
          onChange={onQueue}
        />
      }
    >
      <div className={styles.charts}>
        <div>
          <h3 className={styles.chartTitle}>Waiting and running</h3>
          <Chart label="Jobs waiting and running" series={depth} {...shared} />
        </div>
        <div>
          <h3 className={styles.chartTitle}>Failure rate, last 5 minutes</h3>
          <Chart label="Part of the attempts that failed" series={failing} {...shared} />
        </div>
        <div>
          <h3 className={styles.chartTitle}>Throughput</h3>
          <Chart label="Jobs completed in a minute" series={done} {...shared} />
        </div>
      </div>
    </Card>
  );
}
