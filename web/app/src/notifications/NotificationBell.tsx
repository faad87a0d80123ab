import { Link } from 'wouter';
import { count } from '../data/format';
import { EmptyState, ErrorState, Icon, IconButton, RelativeTime, Skeleton, usePopover, type IconName } from '../ui';
import { markSeen, useAlerts, type Alert } from './alerts';
import styles from './NotificationBell.module.css';

const KINDS: Record<Alert['kind'], { word: string; icon: IconName }> = {
  critical: { word: 'Critical', icon: 'alert' },
  violated: { word: 'SLA missed', icon: 'error' },
  warning: { word: 'SLA at risk', icon: 'clock' },
  escalated: { word: 'Escalated', icon: 'up' },
};

/** How many alerts are new, and the recent ones. */
export function NotificationBell() {
  const { alerts, unread, isPending, error, refetch } = useAlerts();
  const { anchor, floating, open, show, close } = usePopover('bottom-end');
  const toggle = () => {
    if (open) return close();
    show();
    if (alerts[0]) markSeen(alerts[0].id);
  };
  return (
    <span className={styles.bell}>
      <IconButton
        ref={anchor}
        icon="bell"
        label={unread > 0 ? `Notifications, ${unread} new` : 'Notifications'}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={toggle}
      />
      {unread > 0 && (
        <span className={styles.count} aria-hidden="true">
          {unread > 99 ? '99+' : unread}
        </span>
      )}
      <div ref={floating} popover="auto" role="dialog" aria-label="Notifications" className={styles.panel}>
        <header className={styles.header}>
          <h2>Notifications</h2>
          <Link href="/notifications" onClick={close}>
            See all
          </Link>
        </header>
        <div className={styles.list}>
          {error ? (
            <ErrorState error={error} title="Notifications could not be loaded" onRetry={() => void refetch()} />
          ) : isPending ? (
            <div className={styles.loading}>
              <Skeleton label="Loading notifications" />
            </div>
          ) : alerts.length === 0 ? (
            <EmptyState icon="bell" title="Nothing to report">
              Deadlines that come close and critical tasks appear here.
            </EmptyState>
          ) : (
            <ul aria-label={count(alerts.length, 'notification')}>
              {alerts.slice(0, 20).map((alert) => (
                <li key={alert.id}>
                  <Link href={`/tasks/${encodeURIComponent(alert.taskId)}`} className={styles.alert} onClick={close}>
                    <span className={styles[alert.kind]}>
                      <Icon name={KINDS[alert.kind].icon} />
                    </span>
                    <span className={styles.text}>
                      <span className={styles.title}>{alert.title}</span>
                      <span className={styles.meta}>
                        {KINDS[alert.kind].word} · <RelativeTime at={alert.at} />
                      </span>
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          )}
        </div>
      </div>
    </span>
  );
}
