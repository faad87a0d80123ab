import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { number } from '../data/format';
import { classes } from './classes';
import styles from './Charts.module.css';
import type { Tone } from './Layout';

interface SparklineProps {
  values: readonly number[];
  /** What it shows, in words. */
  label: string;
  tone?: Tone;
  width?: number;
  height?: number;
}

/** A line without axes: whether something rises or falls. */
export function Sparkline({ values, label, tone = 'accent', width = 96, height = 28 }: SparklineProps) {
  if (values.length < 2) return null;
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const points = values.map((value, at) => {
    const x = 1 + (at / (values.length - 1)) * (width - 2);
    const y = height - 2 - ((value - low) / span) * (height - 4);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${width} ${height}`} className={classes(styles.sparkline, styles[tone])} style={{ width, height }}>
      <polygon points={`1,${height} ${points.join(' ')} ${width - 1},${height}`} fill="currentColor" opacity="0.12" />
      <polyline points={points.join(' ')} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" strokeLinecap="round" />
    </svg>
  );
}

export interface Bar {
  label: ReactNode;
  value: number;
  /** The value as it is written. */
  shown?: ReactNode;
  /** Parts of the value, in colours, with their names. */
  parts?: readonly { name: string; value: number; tone: Tone }[];
  to?: string;
  key?: string;
}

/** Named values as bars, for comparison. The figures stand beside them as text. */
export function BarList({ label, bars, tone = 'accent' }: { label: string; bars: readonly Bar[]; tone?: Tone }) {
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  return (
    <ul aria-label={label} className={styles.bars}>
      {bars.map((bar, at) => {
        const parts = bar.parts ?? [{ name: '', value: bar.value, tone }];
        return (
          <li key={bar.key ?? at} className={styles.bar}>
            <span className={styles.barLabel}>{bar.to ? <Link href={bar.to}>{bar.label}</Link> : bar.label}</span>
            <span className={styles.barValue}>{bar.shown ?? number(bar.value)}</span>
            <span className={styles.track} aria-hidden="true">
              {parts
                .filter((part) => part.value > 0)
                .map((part) => (
                  <span key={part.name} className={classes(styles.part, styles[part.tone])} style={{ width: `${(part.value / most) * 100}%` }} />
                ))}
            </span>
            {bar.parts && (
              <span className="visually-hidden">{bar.parts.map((part) => `${part.name} ${number(part.value)}`).join(', ')}</span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

interface StatCardProps {
  label: ReactNode;
  value: ReactNode;
  icon?: ReactNode;
  /** Below the figure: what it means, or how it changed. */
  note?: ReactNode;
  trend?: readonly number[];
  trendLabel?: string;
  tone?: Tone;
  /** The list behind the figure; the whole card is the link. */
  to?: string;
}

/** One figure. */
export function StatCard({ label, value, icon, note, trend, trendLabel = 'Trend', tone = 'neutral', to }: StatCardProps) {
  return (
    <div className={classes(styles.stat, to && styles.linked)} data-card>
      <p className={styles.statLabel}>
        {icon}
        {to ? (
          <Link href={to} className={styles.statLink}>
            {label}
          </Link>
        ) : (
          label
        )}
      </p>
      <p className={styles.figure}>{value}</p>
      {note && <p className={styles.note}>{note}</p>}
      {trend && trend.length > 1 && (
        <span className={styles.trend}>
          <Sparkline values={trend} label={trendLabel} tone={tone === 'neutral' ? 'accent' : tone} />
        </span>
      )}
    </div>
  );
}
