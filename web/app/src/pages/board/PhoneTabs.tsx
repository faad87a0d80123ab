import { useEffect, useState, useSyncExternalStore, type RefObject } from 'react';
import { useSearchParams } from 'wouter';
import { number } from '../../data/format';
import { StatusIcon, type Status } from '../../ui';
import styles from './Board.module.css';
import { useBoard } from './BoardContext';
import type { ColumnSpec } from './model';

/** On a phone one column is shown: a swipe or one of these goes to another. */
export function PhoneTabs({ board, columns }: { board: RefObject<HTMLElement | null>; columns: readonly ColumnSpec[] }) {
  const { store } = useBoard();
  const [params, setParams] = useSearchParams();
  const named = params.get('column');
  const [at, setAt] = useState(() => Math.max(0, columns.findIndex(({ id }) => id === named)));
  const totals = useSyncExternalStore(store.subscribe, () => columns.map(({ id }) => store.column(id).total ?? '').join(' '));
  const counts = totals.split(' ');

  const show = (index: number, behavior: ScrollBehavior) => {
    const area = board.current;
    area?.scrollTo({ left: index * area.clientWidth, behavior });
  };
  useEffect(() => {
    show(at, 'instant');
    const area = board.current;
    if (!area) return;
    const settle = () => {
      const index = Math.round(area.scrollLeft / Math.max(1, area.clientWidth));
      setAt(index);
    };
    area.addEventListener('scroll', settle, { passive: true });
    return () => area.removeEventListener('scroll', settle);
  }, [board]);
  useEffect(() => {
    const id = columns[at]?.id;
    if (id === undefined || id === (named ?? columns[0]?.id)) return;
    const timer = setTimeout(
      () =>
        setParams(
          (old) => {
            const next = new URLSearchParams(old);
            next.set('column', id);
            return next;
          },
          { replace: true },
        ),
      300,
    );
    return () => clearTimeout(timer);
  }, [at]);

  return (
    <div role="group" aria-label="Column" className={styles.tabs}>
      {columns.map(({ id, label }, index) => (
        <button key={id} type="button" aria-pressed={index === at} className={styles.tab} onClick={() => show(index, 'smooth')}>
          {store.grouping === 'status' && <StatusIcon status={id as Status} />}
          {label}
          {counts[index] && <span className={styles.tabCount}>{number(Number(counts[index]))}</span>}
        </button>
      ))}
    </div>
  );
}
