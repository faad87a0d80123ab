import { classes } from '../../ui';
import { readSignature, trendWords } from './signature';
import styles from './Patterns.module.css';
import { Icon } from '../../ui';

const MEANING = { '#': 'digits', A: 'letters' } as Record<string, string>;

/** A signature for people: what varies stands out from what is always the same. */
export function Signature({ signature, category }: { signature: string; category: string }) {
  return (
    <span className={styles.signature}>
      {readSignature(signature, category).map(({ label, pieces }, at) => (
        <span key={at} className={styles.part}>
          <span className={styles.partLabel}>{label}</span>{' '}
          <span className={styles.template}>
            {pieces.map(({ text, kind }, n) =>
              kind === 'word' ? (
                <span key={n}>{text}</span>
              ) : (
                <span key={n} className={classes(styles.varies, styles[kind])}>
                  {MEANING[text] ?? text}
                </span>
              ),
            )}
          </span>
        </span>
      ))}
    </span>
  );
}

const ARROWS = { up: 'up', down: 'down', flat: 'right' } as const;

/** Whether it grows: an arrow and a word. */
export function Trend({ trend }: { trend: number }) {
  const { word, direction } = trendWords(trend);
  return (
    <span className={classes(styles.trend, styles[direction])}>
      <Icon name={ARROWS[direction]} size={14} />
      {word}
    </span>
  );
}
