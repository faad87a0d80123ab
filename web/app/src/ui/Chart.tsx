import { lazy, Suspense, useState } from 'react';
import { Link } from 'wouter';
import { Button } from './Button';
import styles from './Chart.module.css';
import { DataTable } from './DataTable';
import type { Tone } from './Layout';
import { Skeleton } from './States';

const Plot = lazy(() => import('./Plot'));

export interface Series {
  name: string;
  /** One a point; null where there is none. */
  values: readonly (number | null)[];
  tone: Tone;
  kind?: 'line' | 'area' | 'bars';
  /** As a value is written; plain by default. */
  format?: (value: number) => string;
  dashed?: boolean;
  /** One a point: the list behind the value, in the table. */
  links?: readonly (string | undefined)[] | undefined;
}

export interface ChartProps {
  /** What it shows, for readers and above the table. */
  label: string;
  /** Seconds since 1970, ascending. */
  times: readonly number[];
  series: readonly Series[];
  /** As a point in time is written in the table and in the legend. */
  formatTime: (seconds: number) => string;
  height?: number;
  /** Charts of the same times with one name here show the same moment together. */
  moment?: string;
}

/** Values over time. The same figures are a table for whoever prefers one. */
export function Chart(props: ChartProps) {
  const [asTable, setAsTable] = useState(false);
  const { label, times, series, formatTime, height = 240 } = props;
  return (
    <figure className={styles.chart}>
      {asTable ? (
        <div className={styles.table} style={{ maxHeight: height + 40 }}>
          <DataTable
            caption={label}
            rows={times.map((time, at) => ({ time, at }))}
            rowKey={({ time }) => String(time)}
            columns={[
              { key: 'time', header: 'Time', rowHeader: true, cell: ({ time }) => formatTime(time) },
              ...series.map((line) => ({
                key: line.name,
                header: line.name,
                align: 'end' as const,
                cell: ({ at }: { at: number }) => {
                  const value = line.values[at];
                  const to = line.links?.[at];
                  const text = value == null ? '–' : (line.format?.(value) ?? String(value));
                  return to && value != null ? <Link href={to}>{text}</Link> : text;
                },
              })),
            ]}
          />
        </div>
      ) : (
        <div role="img" aria-label={`${label}: a chart. The same figures are in the table.`}>
          <Suspense fallback={<Skeleton label="Loading the chart" height={`${height}px`} />}>
            <Plot {...props} height={height} />
          </Suspense>
        </div>
      )}
      <figcaption className={styles.caption} data-screen-only>
        <Button variant="ghost" size="sm" icon={asTable ? 'chart' : 'table'} onClick={() => setAsTable(!asTable)}>
          {asTable ? 'Show as a chart' : 'Show as a table'}
        </Button>
      </figcaption>
    </figure>
  );
}
