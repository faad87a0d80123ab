import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useNow } from '../../../data/clock';
import { duration, number } from '../../../data/format';
import { classes, Icon, IconButton, Tag, toast } from '../../../ui';
import { STATE_LOOKS, type JobState } from './jobs';
import styles from './parts.module.css';
import { PERIOD } from './queries';

/** Where a job stands: icon, word and colour. */
export function JobStateTag({ state }: { state: JobState }) {
  const look = STATE_LOOKS[state];
  return (
    <span className={styles.state} title={look.meaning}>
      <Tag tone={look.tone}>
        <Icon name={look.icon} size={12} />
        {look.label}
      </Tag>
    </span>
  );
}

interface FreshnessProps {
  /** When it was fetched, by this machine's clock; 0 for never. */
  at: number;
  onRefresh: () => void;
  busy?: boolean;
  /** Milliseconds between two looks. */
  period?: number;
}

/** Updated 3 s ago, and a button for those who cannot wait. */
export function Freshness({ at, onRefresh, busy = false, period = PERIOD }: FreshnessProps) {
  useNow();
  const age = Math.max(0, Date.now() - at);
  const late = at > 0 && age > 3 * period;
  return (
    <span className={classes(styles.fresh, late && styles.late)} data-screen-only>
      {late && <Icon name="alert" size={12} />}
      <span>{at === 0 ? 'Not updated yet' : age < 1000 ? 'Updated just now' : `Updated ${age < 60_000 ? `${Math.floor(age / 1000)} s` : duration(age)} ago`}</span>
      <IconButton icon="refresh" size="sm" label="Refresh" aria-busy={busy} onClick={onRefresh} />
    </span>
  );
}

/** A figure that leads to what it counts; a quiet zero. */
export function Figure({ value, to, tone, what }: { value: number; to?: string; tone?: 'bad' | 'warn'; what?: string }) {
  const shown = number(value);
  return (
    <span className={classes(styles.figure, value === 0 ? styles.zero : tone && styles[tone])}>
      {to && value > 0 ? (
        <Link href={to} aria-label={what && `${shown} ${what}`}>
          {shown}
        </Link>
      ) : (
        shown
      )}
    </span>
  );
}

/** Seconds as people read them; a dash for none. */
export function Seconds({ value, warnAt }: { value: number | null | undefined; warnAt?: number }) {
  if (value == null) return <span className={styles.zero}>–</span>;
  return <span className={classes(styles.figure, warnAt !== undefined && value >= warnAt && styles.warn)}>{duration(value * 1000)}</span>;
}

export function Code({ children, label }: { children: string; label: string }) {
  const copy = () => void navigator.clipboard?.writeText(children).then(() => toast({ title: `${label} copied` }));
  return (
    <div className={styles.codeBox}>
      <pre className={styles.code} tabIndex={0} role="region" aria-label={label}>
        {children}
      </pre>
      <span className={styles.copy}>
        <IconButton icon="copy" size="sm" label={`Copy ${label.toLowerCase()}`} onClick={copy} />
      </span>
    </div>
  );
}

/** A value as indented JSON. */
export function Json({ value, label }: { value: unknown; label: string }) {
  return <Code label={label}>{JSON.stringify(value, null, 2) ?? 'undefined'}</Code>;
}

/** Words of an error, on as many lines as there are. */
export function Mono({ children, className }: { children: ReactNode; className?: string }) {
  return <span className={classes(styles.mono, className)}>{children}</span>;
}
