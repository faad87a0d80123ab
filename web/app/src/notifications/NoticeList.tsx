import { Link } from 'wouter';
import { classes, Icon, IconButton, Money, RelativeTime } from '../ui';
import { KINDS } from './notice';
import styles from './NoticeList.module.css';
import { markRead } from './readState';
import type { Listed } from './useNotices';

/** Notices, each a link to what it is about. Opening one marks it as read. */
export function NoticeList({ label, notices, onOpen, roomy = false }: { label: string; notices: readonly Listed[]; onOpen?: () => void; roomy?: boolean }) {
  return (
    <ul aria-label={label} className={styles.list}>
      {notices.map((notice) => {
        const { icon, word, tone } = KINDS[notice.kind];
        return (
          <li key={notice.id} className={classes(styles.row, notice.unread && styles.unread, roomy && styles.roomy)}>
            <Link
              href={notice.to}
              className={styles.notice}
              onClick={() => {
                markRead(notice.id);
                onOpen?.();
              }}
            >
              <span className={classes(styles.icon, styles[tone])}>
                <Icon name={icon} />
              </span>
              <span className={styles.text}>
                <span className={styles.title}>
                  {notice.unread && <span className="visually-hidden">New: </span>}
                  {notice.title}
                </span>
                <span className={styles.meta}>
                  <span className={styles.word}>{word}</span>
                  {notice.detail && <span>{notice.detail}</span>}
                  {roomy && notice.owner && <span>{notice.owner}</span>}
                  {roomy && notice.value !== undefined && <Money value={notice.value} />}
                  <RelativeTime at={notice.at} />
                </span>
              </span>
            </Link>
            {notice.unread && (
              <span className={styles.end}>
                {roomy ? (
                  <IconButton size="sm" icon="check" label={`Mark as read: ${notice.title}`} onClick={() => markRead(notice.id)} />
                ) : (
                  <span className={styles.dot} aria-hidden="true" />
                )}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
