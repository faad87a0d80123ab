import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useLayoutEffect, useRef, type ReactNode } from 'react';
import { Link } from 'wouter';
import { Avatar, Checkbox, classes, Countdown, Money, PriorityTag, StatusBadge } from '../../ui';
import type { TaskRow } from './filters';
import styles from './Grid.module.css';
import { recall, remember } from './place';
import type { TaskRows } from './rows';
import { isSelected, type Selection } from './selection';

const HEIGHT = 108;

interface CardsProps {
  rows: TaskRows;
  selection: Selection;
  onToggle: (row: number) => void;
  onTop: (top: boolean) => void;
  children?: ReactNode;
}

/** The list on a narrow screen: a card a task, of which only those in sight are in the document. */
export function Cards({ rows, selection, onToggle, onTop, children }: CardsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const { count, look, list } = rows;
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => HEIGHT,
    overscan: 5,
    initialOffset: () => recall(list)?.top ?? 0,
  });
  const first = virtual.range?.startIndex ?? 0;
  const last = virtual.range?.endIndex ?? 0;
  useEffect(() => look(first, last), [look, first, last, list]);
  const shownList = useRef(list);
  useLayoutEffect(() => {
    if (shownList.current === list) return;
    shownList.current = list;
    virtual.scrollToOffset(recall(list)?.top ?? 0);
  }, [list, virtual]);
  const toggle = useRef(onToggle);
  toggle.current = onToggle;

  return (
    <div className={classes(styles.frame, styles.cards)}>
      <div
        ref={scroller}
        tabIndex={0}
        role="region"
        aria-label="Tasks"
        aria-busy={rows.switching}
        className={styles.grid}
        onScroll={({ currentTarget: { scrollTop } }) => {
          remember(list, { top: scrollTop, row: 0, column: 1 });
          onTop(scrollTop < HEIGHT / 2);
        }}
      >
        <ul className={styles.body} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const task = rows.at(item.index);
            return (
              <TaskCard
                key={item.index}
                index={item.index}
                count={count}
                top={item.start}
                task={task}
                selected={isSelected(selection, task?.task_id)}
                toggle={toggle}
              />
            );
          })}
        </ul>
      </div>
      {children}
    </div>
  );
}

interface TaskCardProps {
  index: number;
  count: number;
  top: number;
  task: TaskRow | undefined;
  selected: boolean;
  toggle: { current: (row: number) => void };
}

const TaskCard = memo(function TaskCard({ index, count, top, task, selected, toggle }: TaskCardProps) {
  return (
    <li aria-setsize={count} aria-posinset={index + 1} className={styles.row} data-selected={selected || undefined} style={{ height: HEIGHT, transform: `translateY(${top}px)` }}>
      {task ? (
        <div className={styles.card}>
          <Checkbox label={`Select ${task.title}`} hideLabel checked={selected} onChange={() => toggle.current(index)} />
          <Link href={`/tasks/${encodeURIComponent(task.task_id)}`} className={styles.cardTitle}>
            {task.title}
          </Link>
          <span className={styles.facts}>
            <StatusBadge status={task.task_status} look="plain" />
            <PriorityTag priority={task.priority} />
          </span>
          {task.dollar_value === 0 ? <span className={styles.quiet}>–</span> : <Money value={task.dollar_value} />}
          <span className={styles.facts}>
            <Avatar name={task.current_owner} withName size={18} />
          </span>
          <Countdown deadline={task.sla_deadline} state={task.sla_state} />
        </div>
      ) : (
        <div className={styles.card} aria-busy>
          <span />
          <span className={styles.bone} />
        </div>
      )}
    </li>
  );
});
