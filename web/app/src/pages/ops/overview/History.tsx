import { useMemo } from 'react';
import { Link } from 'wouter';
import { dateTime, duration, durationWords, number, numberCompact, percent, time } from '../../../data/format';
import { Card, Chart, EmptyState, ErrorState, Segments, Select, Skeleton, type Series } from '../../../ui';
import type { Sample } from '../common/history';
import { useQueueHistory } from '../common/queries';
import { RANGES, timeline, type Range, type Timeline } from '../common/timeline';
import styles from './OpsOverview.module.css';

interface HistoryProps {
  /** What the page has seen last. */
  live: Sample | undefined;
  queues: readonly string[];
  queue: string | null;
  onQueue: (name: string) => void;
  range: Range;
  onRange: (range: Range) => void;
}

/** Seconds without a minute after which somebody should look why. */
const LATE = 300;

/** How the queues fared, as the server has kept it, and now. */
export function History({ live, queues, queue, onQueue, range, onRange }: HistoryProps) {
  const { words, seconds } = RANGES[range];
  const query = useQueueHistory(queue, seconds);
  const { data } = query;
  const line = useMemo(() => data && timeline(data.past, data.since, data.until, live, queue), [data, live, queue]);
  const newest = data?.past.points.at(-1);
  return (
    <Card
      className={styles.history ?? ''}
      title="History"
      description={data && `${queue ? `The queue ${queue}` : 'All queues together'}, ${words}: a point every ${data.past.step_seconds === 60 ? 'minute' : durationWords(data.past.step_seconds * 1000)}, and now.`}
      actions={
        <div className={styles.choices}>
          <Segments label="Go back" value={range} choices={RANGE_CHOICES} onChange={onRange} />
          <Select
            aria-label="Queue of the charts"
            value={queue ?? ''}
            choices={[{ value: '', label: 'All queues' }, ...queues.map((name) => ({ value: name, label: name }))]}
            onChange={onQueue}
          />
        </div>
      }
    >
      {!data || !line ? (
        query.error ? (
          <ErrorState error={query.error} title="The history could not be loaded" onRetry={() => void query.refetch()} />
        ) : (
          <Skeleton label="Loading the history" height="26rem" />
        )
      ) : !newest ? (
        <EmptyState icon="chart" title={`Nothing is known of ${words}`}>
          Each minute is kept when it is over, by the schedule <Link href="/ops/schedules">metrics-refresh</Link>.
        </EmptyState>
      ) : (
        <>
          {data.until - Date.parse(newest.at) / 1000 > data.past.step_seconds + LATE && (
            <p className={styles.stale} role="status">
              Nothing has been kept since {dateTime(newest.at)}. See whether the schedule <Link href="/ops/schedules">metrics-refresh</Link> runs.
            </p>
          )}
          <Charts line={line} range={range} />
        </>
      )}
    </Card>
  );
}

const RANGE_CHOICES = (Object.keys(RANGES) as Range[]).map((value) => ({ value, label: RANGES[value].label }));

/** Milliseconds as an axis has room for. */
const span = (ms: number): string => (ms < 1000 ? `${number(Math.round(ms))} ms` : ms < 60_000 ? `${number(Math.round(ms / 100) / 10)} s` : duration(ms));
const age = (seconds: number): string => (seconds === 0 ? 'none' : span(seconds * 1000));
const rate = (value: number): string => percent(Math.round(value * 10) / 10);
const perMinute = (value: number): string => numberCompact(Math.round(value * 10) / 10);

const parts = ({ p50, p95, p99 }: Timeline['wait']): Series[] => [
  { name: 'p50', values: p50, tone: 'accent', format: span },
  { name: 'p95', values: p95, tone: 'blue', format: span },
  { name: 'p99', values: p99, tone: 'neutral', dashed: true, format: span },
];

function Charts({ line, range }: { line: Timeline; range: Range }) {
  const charts = useMemo(
    (): { title: string; label: string; series: Series[] }[] => [
      {
        title: 'Waiting and running',
        label: 'Jobs waiting, running and to be retried',
        series: [
          { name: 'Waiting', values: line.waiting, tone: 'accent', kind: 'area', format: numberCompact },
          { name: 'Running', values: line.running, tone: 'green', format: numberCompact },
          { name: 'Retryable', values: line.retryable, tone: 'yellow', dashed: true, format: numberCompact },
        ],
      },
      { title: 'Oldest waiting', label: 'For how long the oldest job had been waiting', series: [{ name: 'Oldest', values: line.oldest, tone: 'accent', kind: 'area', format: age }] },
      { title: 'Failure rate', label: 'Part of the attempts that failed', series: [{ name: 'Failed', values: line.failing, tone: 'red', kind: 'area', format: rate }] },
      { title: 'Time to the first attempt', label: 'How long jobs waited for their first attempt', series: parts(line.wait) },
      { title: 'Time of an attempt', label: 'How long attempts ran', series: parts(line.run) },
      {
        title: 'Throughput, a minute',
        label: 'Jobs completed and attempts failed in a minute',
        series: [
          { name: 'Completed', values: line.completed, tone: 'green', kind: 'area', format: perMinute },
          { name: 'Failed', values: line.failed, tone: 'red', format: perMinute },
        ],
      },
    ],
    [line],
  );
  const written = range === '1h' || range === '6h' ? time : dateTime;
  const formatTime = (seconds: number) => (seconds === line.live ? 'Now' : written(seconds * 1000));
  return (
    <div className={styles.charts}>
      {charts.map(({ title, label, series }) => (
        <div key={title}>
          <h3 className={styles.chartTitle}>{title}</h3>
          <Chart label={label} times={line.times} series={series} formatTime={formatTime} height={150} moment="queue-history" />
        </div>
      ))}
    </div>
  );
}
