import type { components } from '@workflow-intelligence/client';
import { words } from '../data/format';
import { classes } from './classes';
import styles from './StatusBadge.module.css';

export type Status = components['schemas']['Status'];
export type Priority = components['schemas']['Priority'];

export const STATUSES: readonly Status[] = ['RED', 'YELLOW', 'GREEN', 'COMPLETED'];
export const PRIORITIES: readonly Priority[] = ['CRITICAL', 'HIGH', 'MEDIUM', 'NORMAL'];

/** Each with a shape of its own, so that they differ without their colours. */
export function StatusIcon({ status, size = 14 }: { status: Status; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" className={styles[status]} aria-hidden="true" focusable="false">
      {status === 'RED' && <path fill="currentColor" d="M5 1h6l4 4v6l-4 4H5l-4-4V5zM7 4v5h2V4zm0 6v2h2v-2z" fillRule="evenodd" />}
      {status === 'YELLOW' && <path fill="currentColor" d="M8 1l7.5 13.500h-15zM7.2 6v4.500h1.600V6zm0 5.500V13h1.600v-1.500z" fillRule="evenodd" />}
      {status === 'GREEN' && <circle cx="8" cy="8" r="6.5" fill="currentColor" />}
      {status === 'COMPLETED' && (
        <path d="M8 1.500a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M5 8.300l2.2 2.200L11.2 6" fill="none" stroke="currentColor" strokeWidth="1.75" />
      )}
    </svg>
  );
}

/** `soft`: on a tint of its colour. `plain`: for tables, where many tints are noise. */
export function StatusBadge({ status, look = 'soft' }: { status: Status; look?: 'soft' | 'plain' }) {
  return (
    <span className={classes(styles.badge, styles[look], styles[status])}>
      <StatusIcon status={status} />
      {words(status)}
    </span>
  );
}

const BARS: Record<Priority, number> = { CRITICAL: 4, HIGH: 3, MEDIUM: 2, NORMAL: 1 };

export function PriorityTag({ priority, hideWord = false }: { priority: Priority; hideWord?: boolean }) {
  return (
    <span className={classes(styles.priority, priority === 'CRITICAL' && styles.critical)}>
      <svg width="14" height="14" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        {[0, 1, 2, 3].map((bar) => (
          <rect
            key={bar}
            x={1 + bar * 3.7}
            y={11 - bar * 3}
            width="2.7"
            height={4 + bar * 3}
            rx="0.8"
            fill="currentColor"
            opacity={bar < BARS[priority] ? 1 : 0.25}
          />
        ))}
      </svg>
      <span className={hideWord ? 'visually-hidden' : undefined}>{words(priority)}</span>
    </span>
  );
}
