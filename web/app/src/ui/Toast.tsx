import { useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { Problem } from '../data/problem';
import { Store } from '../data/store';
import { Button, IconButton } from './Button';
import { classes } from './classes';
import { Icon, type IconName } from './icons';
import styles from './Toast.module.css';

export type ToastKind = 'info' | 'success' | 'warning' | 'error';

export interface ToastInput {
  kind?: ToastKind;
  title: string;
  detail?: ReactNode;
  /** Such as Undo; the toast goes when it is chosen. */
  action?: { label: string; onSelect: () => void };
  /** Milliseconds, 6 s by default; errors and null stay until they are closed. */
  timeout?: number | null;
  /** Takes the place of the toast with the same key, and of those it replaces. */
  key?: string;
  replaces?: readonly string[];
  /** Called when it is closed or its time is over, not when another takes its place. */
  onClose?: () => void;
}

type Shown = ToastInput & { id: number };

const toasts = new Store<readonly Shown[]>([]);
const MOST = 3;
let last = 0;

/** Says something at the edge of the page; the returned function takes it back. */
export function toast(input: ToastInput): () => void {
  const { key, replaces = [] } = input;
  const before = toasts.get().filter((shown) => shown.key === undefined || !replaces.includes(shown.key));
  const at = key === undefined ? -1 : before.findIndex((shown) => shown.key === key);
  const id = before[at]?.id ?? ++last;
  const next = at < 0 ? [...before, { ...input, id }] : before.with(at, { ...input, id });
  // What happens by itself makes room for what somebody has just done.
  while (next.length > MOST) next.splice(Math.max(0, next.slice(0, -1).findIndex((shown) => shown.key !== undefined)), 1);
  toasts.set(next);
  return () => dismiss(id);
}

/** Says what went wrong, with the request's id. */
export function toastProblem(cause: unknown, title = 'That did not work'): () => void {
  const problem = Problem.of(cause);
  // The way in is shown instead.
  if (problem.status === 401) return () => {};
  return toast({
    kind: 'error',
    title,
    detail: (
      <>
        {problem.message}
        {problem.requestId && <span className={styles.request}>Request {problem.requestId}</span>}
      </>
    ),
  });
}

/** Takes all of them back, as for somebody else. */
export const clearToasts = (): void => toasts.set([]);

function dismiss(id: number) {
  toasts.get().find((shown) => shown.id === id)?.onClose?.();
  toasts.set(toasts.get().filter((shown) => shown.id !== id));
}

const ICONS: Record<ToastKind, IconName> = { info: 'info', success: 'check', warning: 'alert', error: 'error' };

/** The regions in which toasts appear; once, in the shell. Errors interrupt a reader, the others wait. */
export function Toasts() {
  const all = useSyncExternalStore(toasts.subscribe, toasts.get);
  const [held, setHeld] = useState(false);
  const region = (errors: boolean) => (
    <div role={errors ? 'alert' : 'status'} aria-live={errors ? 'assertive' : 'polite'} aria-relevant="additions" className={styles.region}>
      {all
        .filter(({ kind }) => (kind === 'error') === errors)
        .map((shown) => (
          <ToastCard key={shown.id} shown={shown} held={held} />
        ))}
    </div>
  );
  return (
    <div
      className={styles.toasts}
      data-screen-only
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {region(true)}
      {region(false)}
    </div>
  );
}

function ToastCard({ shown, held }: { shown: Shown; held: boolean }) {
  const { id, kind = 'info', title, detail, action, timeout = kind === 'error' ? null : 6000 } = shown;
  const left = useRef(timeout);
  useEffect(() => {
    // New words have their own time.
    left.current = timeout;
  }, [shown, timeout]);
  useEffect(() => {
    if (held || left.current === null) return;
    const from = Date.now();
    const timer = setTimeout(() => dismiss(id), left.current);
    return () => {
      clearTimeout(timer);
      left.current = Math.max(1000, (left.current ?? 0) - (Date.now() - from));
    };
  }, [held, id, shown]);
  return (
    <div className={classes(styles.toast, styles[kind])}>
      <Icon name={ICONS[kind]} size={18} />
      <div className={styles.text}>
        <p className={styles.title}>{title}</p>
        {detail && <div className={styles.detail}>{detail}</div>}
      </div>
      {action && (
        <Button
          size="sm"
          onClick={() => {
            dismiss(id);
            action.onSelect();
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton icon="close" label="Dismiss" size="sm" onClick={() => dismiss(id)} />
    </div>
  );
}
