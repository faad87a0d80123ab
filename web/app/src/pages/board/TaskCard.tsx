import { memo, useRef } from 'react';
import { Link } from 'wouter';
import { words } from '../../data/format';
import { useMay } from '../../data/session';
import { Avatar, classes, Countdown, Menu, Money, PRIORITIES, PriorityTag, StatusBadge, type MenuItem } from '../../ui';
import { useBoard } from './BoardContext';
import { useDraggable } from './dragging';
import { columnOf, type TaskRow } from './model';
import styles from './TaskCard.module.css';

interface TaskCardProps {
  task: TaskRow;
  /** The one of its column that the Tab key goes to. */
  current: boolean;
  pending: boolean;
  /** Changed elsewhere a moment ago. */
  fresh: boolean;
}

/** A task on the board. Keys are the board's affair: it finds the card by `data-task`. */
export const TaskCard = memo(function TaskCard({ task, current, pending, fresh }: TaskCardProps) {
  const element = useRef<HTMLElement>(null);
  const mayEdit = useMay('operator');
  const dragged = useDraggable(element, task.task_id, mayEdit);
  return (
    <article
      ref={element}
      data-task={task.task_id}
      aria-busy={pending || undefined}
      className={classes(styles.card, dragged && styles.dragged, pending && styles.pending, fresh && styles.fresh)}
    >
      <div className={styles.head}>
        <Link href={`/tasks/${encodeURIComponent(task.task_id)}`} className={styles.title} data-link={task.task_id} tabIndex={current ? 0 : -1} draggable={false} title={task.title}>
          {task.title}
        </Link>
        <span className={styles.menu}>
          <CardMenu task={task} />
        </span>
      </div>
      <div className={styles.row}>
        <span className={styles.category}>{task.workflow_category}</span>
        <span className={styles.value}>{task.dollar_value > 0 ? <Money value={task.dollar_value} compact /> : <span className={styles.none}>No value</span>}</span>
      </div>
      <div className={styles.row}>
        <StatusBadge status={task.task_status} />
        <span title={`Priority: ${words(task.priority).toLowerCase()}`} className={styles.priority}>
          <PriorityTag priority={task.priority} hideWord />
        </span>
        <span className={styles.due}>
          <Countdown deadline={task.sla_deadline} state={task.sla_state} />
        </span>
        <span title={task.current_owner ?? 'Unassigned'} className={styles.owner}>
          <Avatar name={task.current_owner} />
        </span>
      </div>
    </article>
  );
});

function CardMenu({ task }: { task: TaskRow }) {
  const { store, columns, changes, peek, assign } = useBoard();
  const here = columnOf(store.grouping, task);
  const items: MenuItem[] = [
    'Move to',
    ...columns.map((column) => ({
      label: column.label,
      checked: column.id === here,
      needs: 'operator' as const,
      onSelect: () => changes.move(task, column),
    })),
    'Priority',
    ...PRIORITIES.map((priority) => ({
      label: words(priority),
      checked: priority === task.priority,
      needs: 'operator' as const,
      onSelect: () => changes.setPriority(task, priority),
    })),
    null,
    { label: 'Assign to...', icon: 'user', needs: 'operator', onSelect: () => assign(task) },
    { label: 'Look inside', icon: 'eye', hint: 'Space', onSelect: () => peek(task.task_id) },
  ];
  return <Menu label={`Move or change ${task.title}`} items={items} size="sm" />;
}
