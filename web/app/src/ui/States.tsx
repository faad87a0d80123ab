import { useEffect, useState, type ReactNode } from 'react';
import { useConnection } from '../data/live';
import { Problem } from '../data/problem';
import { useSession } from '../data/session';
import { Button } from './Button';
import { Icon, type IconName } from './icons';
import styles from './States.module.css';

/** What loads faster than this shows nothing in between. */
const PATIENCE = 200;

interface SkeletonProps {
  /** What is being loaded, for readers. */
  label?: string;
  rows?: number;
  /** `block`: one area of this CSS height. */
  height?: string;
}

/** The shape of what is to come, after 200 ms. */
export function Skeleton({ label = 'Loading', rows = 5, height }: SkeletonProps) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" className={styles.skeleton} style={height ? { height } : undefined}>
      {late && (
        <>
          <span className="visually-hidden">{label}</span>
          {height ? (
            <span className={styles.bone} style={{ height: '100%' }} />
          ) : (
            Array.from({ length: rows }, (_, row) => (
              <span key={row} className={styles.bone} style={{ width: `${100 - ((row * 17) % 40)}%` }} />
            ))
          )}
        </>
      )}
    </div>
  );
}

interface EmptyStateProps {
  icon?: IconName;
  title: string;
  children?: ReactNode;
  /** Such as a button that clears the filters. */
  action?: ReactNode;
}

export function EmptyState({ icon = 'inbox', title, children, action }: EmptyStateProps) {
  return (
    <div className={styles.state}>
      <span className={styles.icon}>
        <Icon name={icon} size={22} />
      </span>
      <p className={styles.title}>{title}</p>
      {children && <div className={styles.text}>{children}</div>}
      {action}
    </div>
  );
}

interface ErrorStateProps {
  error: unknown;
  /** What could not be done, such as `The tasks could not be loaded`. */
  title?: string;
  onRetry?: () => void;
}

/** What went wrong in the server's words, with the request's id for whoever looks into it. */
export function ErrorState({ error, title, onRetry }: ErrorStateProps) {
  const problem = Problem.of(error);
  const session = useSession();
  const denied = problem.status === 403;
  const icon: IconName = problem.unreachable ? 'offline' : denied ? 'lock' : 'error';
  return (
    <div className={styles.state} role="alert">
      <span className={styles.icon}>
        <Icon name={icon} size={22} />
      </span>
      <p className={styles.title}>{denied ? 'You may not see this' : (title ?? problem.title)}</p>
      <div className={styles.text}>
        <p>{denied ? sentence(problem.message) : problem.message}</p>
        {denied && session && (
          <p className={styles.who}>
            Signed in as <strong>{session.principal}</strong>, {session.role}
            {session.mailboxes && <> of {session.mailboxes.join(', ')}</>}
          </p>
        )}
        {problem.errors.length > 1 && (
          <ul>
            {problem.errors.map(({ pointer, detail }) => (
              <li key={pointer + detail}>
                <code>{pointer}</code> {detail}
              </li>
            ))}
          </ul>
        )}
        {problem.requestId && (
          <p className={styles.request}>
            Request <code>{problem.requestId}</code>
          </p>
        )}
      </div>
      {onRetry && !denied && (
        <Button icon="refresh" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** The server's words begin small, as the part of a line. */
const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

/** Says above the page that what it shows may be out of date. */
export function OfflineBanner() {
  const connection = useConnection();
  const [late, setLate] = useState(false);
  const lost = connection === 'reconnecting' || connection === 'offline';
  useEffect(() => {
    if (!lost) return setLate(false);
    // A short break is the indicator's affair.
    const timer = setTimeout(() => setLate(true), connection === 'offline' ? 0 : 3000);
    return () => clearTimeout(timer);
  }, [lost, connection]);
  return (
    <div role="status" data-screen-only>
      {late && lost && (
        <p className={styles.banner}>
          <Icon name="offline" />
          {connection === 'offline'
            ? 'You are offline. What you see is from before.'
            : 'The connection to the server is lost. What you see may be out of date; trying again.'}
        </p>
      )}
    </div>
  );
}
