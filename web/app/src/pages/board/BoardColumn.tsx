import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import { memo, useCallback, useEffect, useEffectEvent, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import { Link } from 'wouter';
import { count, number, words } from '../../data/format';
import { serverNow } from '../../data/live';
import { Avatar, Button, classes, ErrorState, Icon, IconButton, Money, Skeleton, StatusIcon, type Status } from '../../ui';
import styles from './BoardColumn.module.css';
import { useBoard } from './BoardContext';
import { useDropTarget } from './dragging';
import { listAddress } from './filters';
import { wantedFocus } from './focus';
import { floorOf, worse, type ColumnSpec } from './model';
import { TaskCard } from './TaskCard';

/** Height of a card and the gap below it, in rem; and cards left below at which the next page is fetched. */
const CARD = 8.125;
const AHEAD = 25;

interface BoardColumnProps {
  spec: ColumnSpec;
  /** What all its tasks are worth, where the API says so. */
  value: number | undefined;
  collapsed: boolean;
  onCollapse: (id: string, collapsed: boolean) => void;
}

export const BoardColumn = memo(function BoardColumn({ spec, value, collapsed, onCollapse }: BoardColumnProps) {
  const { store } = useBoard();
  const section = useRef<HTMLElement>(null);
  const state = useSyncExternalStore(store.subscribe, () => store.column(spec.id));
  const over = useDropTarget(section, spec.id);
  const { total, cards, next, phase, error } = state;

  // There may be many owners: a column far to the side waits until it is seen.
  const start = useEffectEvent(() => void store.more(spec.id));
  useEffect(() => {
    if (store.grouping !== 'owner') return start();
    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && start(), { rootMargin: '0px 400px' });
    if (section.current) observer.observe(section.current);
    return () => observer.disconnect();
  }, [spec.id, store]);

  const worth = value ?? (next === null && phase === 'ready' ? cards.reduce((sum, card) => sum + Math.round(card.dollar_value * 100), 0) / 100 : undefined);
  const said = total === null ? '' : count(total, 'task');
  const icon = store.grouping === 'status' ? <StatusIcon status={spec.id as Status} /> : store.grouping === 'owner' ? <Avatar name={spec.id || null} size={20} /> : null;

  if (collapsed) {
    return (
      <section ref={section} data-column={spec.id} aria-label={spec.label} className={classes(styles.column, styles.collapsed, over && styles.over)}>
        <button type="button" className={styles.expand} aria-expanded={false} aria-label={`Show ${spec.label}${said && `, ${said}`}`} onClick={() => onCollapse(spec.id, false)}>
          <Icon name="chevronRight" />
          {icon}
          <span className={styles.count}>{total === null ? '' : number(total)}</span>
          <span className={styles.sideways}>{spec.label}</span>
        </button>
      </section>
    );
  }
  return (
    <section ref={section} data-column={spec.id} aria-label={spec.label} className={classes(styles.column, over && styles.over)}>
      <header className={styles.header}>
        <h2 className={styles.name}>
          {icon}
          <span className={styles.label} title={spec.label} aria-hidden={store.grouping === 'owner' || undefined}>{spec.label}</span>
        </h2>
        {total !== null && (
          <Link href={listAddress({ ...store.filters, ...spec.query, ...spec.order })} className={styles.count} aria-label={`${said} as a list`} title="Open as a list">
            {number(total)}
          </Link>
        )}
        <span className={styles.worth}>{worth !== undefined && <Money value={worth} compact />}</span>
        <IconButton icon="chevronLeft" label={`Hide ${spec.label}`} size="sm" className={styles.hide} onClick={() => onCollapse(spec.id, true)} />
      </header>
      {over !== undefined && <DropHint spec={spec} id={over} />}
      {error && cards.length === 0 ? (
        <ErrorState error={error} title="These tasks could not be loaded" onRetry={() => void store.more(spec.id)} />
      ) : phase !== 'ready' && cards.length === 0 ? (
        <div className={styles.loading}>
          <Skeleton label={`Loading ${spec.label}`} rows={6} />
        </div>
      ) : cards.length === 0 ? (
        <p className={styles.empty} data-scroller>Nothing here</p>
      ) : (
        <Cards spec={spec} state={state} />
      )}
    </section>
  );
});

/** Says what dropping here comes to, before it is done. */
function DropHint({ spec, id }: { spec: ColumnSpec; id: string }) {
  const { store } = useBoard();
  const task = store.find(id);
  if (!task) return null;
  const wanted = spec.updates.task_status;
  const kept = wanted && wanted !== 'COMPLETED' ? worse(wanted, floorOf(task, serverNow())) : wanted;
  const same = store.columnWith(id) === spec.id;
  return (
    <p className={styles.hint} data-drop-hint>
      {same ? 'It is here already' : kept !== wanted ? `The deadline keeps it ${words(kept!).toLowerCase()}` : store.grouping === 'owner' ? (spec.id ? `Assign to ${spec.label}` : 'Unassign') : `Move to ${spec.label}`}
    </p>
  );
}

function Cards({ spec, state: { cards, next, total, phase, error } }: { spec: ColumnSpec; state: ReturnType<ReturnType<typeof useBoard>['store']['column']> }) {
  const { store } = useBoard();
  const flags = useSyncExternalStore(store.subscribe, store.flags);
  const scroller = useRef<HTMLDivElement>(null);
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const size = CARD * rem;
  const [active, setActive] = useState<string>();
  const wanted = useSyncExternalStore(wantedFocus.subscribe, wantedFocus.get);
  const wantedAt = wanted ? cards.findIndex((card) => card.task_id === wanted) : -1;
  const activeAt = wantedAt >= 0 ? wantedAt : Math.max(0, cards.findIndex((card) => card.task_id === active));

  const rangeExtractor = useCallback(
    // The one with the focus stays, however far one scrolls.
    (range: Range) => [...new Set([...defaultRangeExtractor(range), activeAt])].filter((at) => at < range.count).sort((a, b) => a - b),
    [activeAt],
  );
  const virtual = useVirtualizer({
    count: cards.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => size,
    getItemKey: (at) => cards[at]?.task_id ?? at,
    overscan: 5,
    rangeExtractor,
    paddingEnd: 4,
  });
  const items = virtual.getVirtualItems();
  const lowest = virtual.range?.endIndex ?? 0;

  useEffect(() => {
    if (next !== null && !error && phase === 'ready' && lowest >= cards.length - AHEAD) void store.more(spec.id);
  }, [lowest, cards.length, next, phase, error, store, spec.id]);

  // What comes above leaves what is being read where it is.
  const anchor = useRef<{ id: string; offset: number }>(undefined);
  const remember = () => {
    const top = scroller.current?.scrollTop ?? 0;
    const at = Math.floor(top / size);
    const card = cards[at];
    anchor.current = card && top > 0 ? { id: card.task_id, offset: top - at * size } : undefined;
  };
  useLayoutEffect(() => {
    const element = scroller.current;
    const was = anchor.current;
    if (element && was) {
      const at = cards.findIndex((card) => card.task_id === was.id);
      const top = at * size + was.offset;
      if (at >= 0 && Math.abs(top - element.scrollTop) > 1) element.scrollTop = top;
    }
    remember();
  }, [cards]);

  useLayoutEffect(() => {
    if (!wanted || wantedAt < 0) return;
    virtual.scrollToIndex(wantedAt, { align: 'auto' });
    const focus = () => {
      const link = scroller.current?.querySelector<HTMLElement>(`[data-link="${CSS.escape(wanted)}"]`);
      link?.focus({ preventScroll: true });
      return link !== null && link !== undefined;
    };
    const done = () => {
      setActive(wanted);
      wantedFocus.set(undefined);
      const column = scroller.current?.closest('section');
      column?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    };
    if (focus()) return done();
    const frame = requestAnimationFrame(() => focus() && done());
    return () => cancelAnimationFrame(frame);
  }, [wanted, wantedAt]);

  return (
    <div
      ref={scroller}
      className={styles.scroller}
      data-scroller
      onScroll={remember}
      onFocus={(event) => {
        const id = event.target.closest<HTMLElement>('[data-task]')?.dataset.task;
        if (id) setActive(id);
      }}
    >
      <ul aria-label={`Tasks in ${spec.label}`} aria-describedby="board-keys" className={styles.list} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const card = cards[item.index]!;
          return (
            <li
              key={card.task_id}
              aria-setsize={total ?? cards.length}
              aria-posinset={item.index + 1}
              className={styles.place}
              style={{ height: size - 0.5 * rem, transform: `translateY(${item.start}px)` }}
            >
              <TaskCard task={card} current={item.index === activeAt} pending={flags.pending.has(card.task_id)} fresh={flags.fresh.has(card.task_id)} />
            </li>
          );
        })}
      </ul>
      {(phase === 'loading' || error) && (
        <div className={styles.foot}>
          {error ? (
            <Button size="sm" icon="refresh" onClick={() => void store.more(spec.id)}>
              Try again: {error.message}
            </Button>
          ) : (
            `${number(cards.length)} of ${total === null ? 'many' : number(total)}`
          )}
        </div>
      )}
    </div>
  );
}
