import { useNow } from '../data/clock';
import { dateTime, duration, durationWords, exactTime, relativeTime, type Moment } from '../data/format';
import { classes } from './classes';
import { Icon, type IconName } from './icons';
import styles from './Time.module.css';
import { Tooltip } from './Tooltip';

const HOUR = 3_600_000;

/** How close to a deadline: the API's words, and `done` for what is over. */
export type Urgency = 'overdue' | 'critical' | 'warning' | 'ok' | 'paused' | 'done' | 'none';

/** From the time that is left alone, with the contract's 4 and 24 hours; prefer the task's `sla_state`. */
export function urgencyOf(remaining: number): Urgency {
  if (remaining < 0) return 'overdue';
  if (remaining <= 4 * HOUR) return 'critical';
  return remaining <= 24 * HOUR ? 'warning' : 'ok';
}

const ICONS: Partial<Record<Urgency, IconName>> = { overdue: 'error', critical: 'alert', warning: 'clock', paused: 'pause', done: 'check' };

interface CountdownProps {
  /** The deadline; null says that there is none. */
  deadline: string | null;
  /** The task's `sla_state`; without it the time that is left decides. */
  state?: string | undefined;
}

/** Time left until a deadline, by the server's clock. It changes each second but is not announced. */
export function Countdown({ deadline, state }: CountdownProps) {
  const now = useNow();
  if (state === 'met' || state === 'missed') {
    return (
      <span className={classes(styles.countdown, styles.done)}>
        <Icon name={state === 'met' ? 'check' : 'close'} size={14} />
        {state === 'met' ? 'Met' : 'Missed'}
      </span>
    );
  }
  if (!deadline) return <span className={styles.none}>No deadline</span>;
  const remaining = Date.parse(deadline) - now;
  const said = state === 'warning' || state === 'critical' ? state : undefined;
  // The sweep says so some minutes later than the clock does.
  const urgency = remaining < 0 ? 'overdue' : state === 'paused' ? 'paused' : state === 'ok' ? 'ok' : (said ?? urgencyOf(remaining));
  const icon = ICONS[urgency];
  return (
    <Tooltip text={`Due ${exactTime(deadline)}`}>
      <time dateTime={deadline} className={classes(styles.countdown, styles[urgency])} aria-live="off">
        {icon && <Icon name={icon} size={14} />}
        <span aria-hidden="true">
          {urgency === 'paused' ? 'Paused' : urgency === 'overdue' ? `${duration(remaining)} overdue` : `${duration(remaining)} left`}
        </span>
        <span className="visually-hidden">
          {urgency === 'paused' ? 'Paused' : `${durationWords(remaining)} ${urgency === 'overdue' ? 'overdue' : 'left'}`}
          {urgency === 'critical' && ', critical'}
        </span>
      </time>
    </Tooltip>
  );
}

/** 5 minutes ago; the exact time on hover and focus, for readers and on paper. */
export function RelativeTime({ at, focusable = false }: { at: Moment | null; focusable?: boolean }) {
  const now = useNow(15);
  if (at === null) return <span className={styles.none}>Never</span>;
  return (
    <Tooltip text={exactTime(at)}>
      <time dateTime={new Date(at).toISOString()} className={styles.relative} tabIndex={focusable ? 0 : undefined}>
        {relativeTime(at, now)}
      </time>
    </Tooltip>
  );
}

/** Nov 30, 14:05; the exact time on hover. */
export function DateTime({ at }: { at: Moment | null }) {
  if (at === null) return <span className={styles.none}>None</span>;
  return (
    <Tooltip text={exactTime(at)}>
      <time dateTime={new Date(at).toISOString()} className={styles.relative}>
        {dateTime(at)}
      </time>
    </Tooltip>
  );
}
