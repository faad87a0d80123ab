import { duration, durationWords, number } from '../../../data/format';
import { classes, Icon, type IconName, type Tone } from '../../../ui';
import type { Preview } from './book';
import styles from './Instants.module.css';
import { segments } from './segments';
import { actionInWords } from './words';

const moment = new Intl.DateTimeFormat('en-US', {
  weekday: 'short',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

interface Instant {
  name: string;
  at: string | null;
  icon: IconName;
  tone: Tone;
  strong?: boolean;
}

/** When everything happens to a task, in order of time, and which time on the way counts. */
export function Instants({ preview }: { preview: Preview }) {
  const start = Date.parse(preview.start);
  const instants: Instant[] = [
    { name: 'Work begins', at: preview.start, icon: 'play', tone: 'neutral' },
    { name: 'First response', at: preview.first_response_due, icon: 'comment', tone: 'blue' },
    { name: 'Warning', at: preview.warning_at, icon: 'clock', tone: 'yellow' },
    { name: 'Critical', at: preview.critical_at, icon: 'alert', tone: 'red' },
    { name: 'Deadline', at: preview.deadline, icon: 'stop', tone: 'red', strong: true },
    ...preview.escalations.map((step): Instant => ({ name: actionInWords(step), at: step.at, icon: 'bell', tone: 'neutral' })),
  ];
  // The order of the list decides between those of one instant.
  const sorted = instants.filter(({ at }) => at !== null).sort((a, b) => Date.parse(a.at!) - Date.parse(b.at!));
  const bar = segments(preview);
  return (
    <div className={styles.preview}>
      {bar.length > 0 && (
        <div>
          <div
            className={styles.bar}
            role="img"
            aria-label={`Of ${durationWords(Date.parse(preview.deadline!) - start)} until the deadline, ${number(preview.target_hours)} hours count.`}
          >
            {bar.map((part, at) => (
              <span key={at} className={classes(styles.part, styles[part.level])} style={{ left: `${part.from}%`, width: `${part.width}%` }} />
            ))}
          </div>
          <p className={styles.caption}>
            <span>
              {number(preview.target_hours)} h {preview.calendar ? `in open hours of ${preview.calendar}` : 'round the clock'}
            </span>
            <span>{duration(Date.parse(preview.deadline!) - start)} on the clock</span>
          </p>
        </div>
      )}
      <ol className={styles.instants} aria-label="What happens when">
        {sorted.map(({ name, at, icon, tone, strong }) => (
          <li key={name + at} className={classes(styles.instant, strong && styles.strong)}>
            <span className={classes(styles.icon, styles[tone])}>
              <Icon name={icon} size={14} />
            </span>
            <span className={styles.name}>{name}</span>
            <time dateTime={at!} className={styles.at}>
              {moment.format(new Date(at!))}
            </time>
            <span className={styles.after}>{Date.parse(at!) === start ? '' : `+${duration(Date.parse(at!) - start)}`}</span>
          </li>
        ))}
      </ol>
      {!preview.deadline && <p className={styles.caption}>The deadline is after the year 9999, which is none.</p>}
    </div>
  );
}
