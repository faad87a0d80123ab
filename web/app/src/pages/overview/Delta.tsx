import { classes, Icon } from '../../ui';
import styles from './Delta.module.css';

interface DeltaProps {
  now: number | null | undefined;
  before: number | null | undefined;
  /** As the difference is written, without its sign. */
  format: (difference: number) => string;
  /** Which way is bad; neither where more is only more. */
  worse?: 'up' | 'down';
  /** Behind it, such as `in 7 days`. */
  span?: string;
}

/** How a figure differs from the one before: an arrow, the difference, and for those who listen the word. */
export function Delta({ now, before, format, worse, span }: DeltaProps) {
  if (now == null || before == null) return null;
  const difference = Math.round((now - before) * 100) / 100;
  if (difference === 0) {
    return (
      <span className={styles.delta}>
        no change{span && ` ${span}`}
      </span>
    );
  }
  const way = difference > 0 ? 'up' : 'down';
  const tone = worse === undefined ? undefined : way === worse ? styles.worse : styles.better;
  return (
    <span className={classes(styles.delta, tone)}>
      <Icon name={way} size={13} />
      <span className="visually-hidden">{way} </span>
      {format(Math.abs(difference))}
      {span && <span className={styles.span}> {span}</span>}
    </span>
  );
}
