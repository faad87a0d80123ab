import { Link } from 'wouter';
import { count } from '../data/format';
import { Button, EmptyState, ErrorState, IconButton, Skeleton, usePopover } from '../ui';
import { Announcer } from './Announcer';
import styles from './NotificationBell.module.css';
import { NoticeList } from './NoticeList';
import { markAllRead } from './readState';
import { useNotices } from './useNotices';

/** Shown at once; the page has the others. */
const SHOWN = 12;

/** How many notices are unread, and the recent ones. */
export function NotificationBell() {
  const { all, unread, state, problem } = useNotices();
  const { anchor, floating, open, show, close } = usePopover('bottom-end');
  return (
    <span className={styles.bell}>
      <Announcer />
      <IconButton
        ref={anchor}
        icon="bell"
        label={unread > 0 ? `Notifications, ${unread} new` : 'Notifications'}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => (open ? close() : show())}
      />
      {unread > 0 && (
        <span className={styles.count} aria-hidden="true">
          {unread > 99 ? '99+' : unread}
        </span>
      )}
      <div ref={floating} popover="auto" role="dialog" aria-label="Notifications" className={styles.panel}>
        <header className={styles.header}>
          <h2>Notifications</h2>
          {unread > 0 && all[0] && (
            <Button variant="ghost" size="sm" onClick={() => markAllRead(all[0]!.id)}>
              Mark all as read
            </Button>
          )}
        </header>
        <div className={styles.list}>
          {open &&
            (state === 'failed' ? (
              <ErrorState error={problem} title="Notifications could not be loaded" />
            ) : state === 'loading' ? (
              <div className={styles.loading}>
                <Skeleton label="Loading notifications" />
              </div>
            ) : all.length === 0 ? (
              <EmptyState icon="bell" title="Nothing to report">
                Deadlines that come close and critical tasks appear here.
              </EmptyState>
            ) : (
              <NoticeList label={count(all.length, 'notification')} notices={all.slice(0, SHOWN)} onOpen={close} />
            ))}
        </div>
        <footer className={styles.footer}>
          <Link href="/notifications" onClick={close}>
            See all
          </Link>
          <Link href="/notifications?tab=preferences" onClick={close}>
            Preferences
          </Link>
        </footer>
      </div>
    </span>
  );
}
