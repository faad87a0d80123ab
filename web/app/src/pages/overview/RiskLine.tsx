import { date, dateTime, moneyCompact } from '../../data/format';
import type { Period } from './figures';
import styles from './RiskLine.module.css';

interface RiskLineProps {
  /** Oldest first; the last is now. */
  points: readonly { at: number; value: number }[];
  period: Period;
  /** Whether the last is now. */
  live: boolean;
}

const WIDTH = 100;
const HEIGHT = 40;

/** The course of one figure, from nought, so that half as high is half as much. */
export function RiskLine({ points, period, live }: RiskLineProps) {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length < 3) return null;
  const most = Math.max(1, ...points.map(({ value }) => value));
  const line = points
    .map(({ at, value }) => `${((WIDTH * (at - first.at)) / (last.at - first.at)).toFixed(2)},${(HEIGHT - 1 - ((HEIGHT - 3) * value) / most).toFixed(2)}`)
    .join(' ');
  const when = (at: number) => (period === 'day' ? dateTime(at) : date(at));
  return (
    <div className={styles.course}>
      <svg
        role="img"
        aria-label={`Course: ${points.map(({ at, value }) => `${when(at)} ${moneyCompact(value)}`).join(', ')}`}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className={styles.line}
      >
        <polygon points={`0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}`} fill="currentColor" opacity="0.1" />
        <polyline points={line} fill="none" stroke="currentColor" strokeWidth="1.75" strokeLinejoin="round" vectorEffect="non-scaling-stroke" />
      </svg>
      <p className={styles.ends} aria-hidden="true">
        <span>
          {when(first.at)} · {moneyCompact(first.value)}
        </span>
        <span>{live ? 'now' : when(last.at)}</span>
      </p>
    </div>
  );
}
