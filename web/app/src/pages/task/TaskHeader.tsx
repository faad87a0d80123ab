import { Link } from 'wouter';
import { useMay } from '../../data/session';
import { IconButton, Button, Icon, Menu, Money, PriorityTag, RelativeTime, StatusBadge, Tag, Tooltip, type MenuItem } from '../../ui';
import { Inline } from './Inline';
import type { Neighbours } from './neighbours';
import styles from './Task.module.css';
import { STATES } from './types';
import { useEditing } from './useTask';
import type { Open } from './Fields';

interface TaskHeaderProps {
  open: Open;
  onOpen: (open: Open) => void;
  neighbours: Neighbours | undefined;
  onGo: (id: string | undefined) => void;
  onComplete: () => void;
  onReopen: () => void;
  menu: readonly MenuItem[];
}

/** The title, where the task stands, and what can be done with it. */
export function TaskHeader({ open, onOpen, neighbours, onGo, onComplete, onReopen, menu }: TaskHeaderProps) {
  const { task, saving, saved } = useEditing();
  const done = task.task_status === 'COMPLETED';
  const editing = open === 'title';
  const mayEdit = useMay('operator');
  return (
    <header className={styles.header}>
      <div className={styles.top}>
        <Link href="/tasks" className={styles.back} data-screen-only>
          <Icon name="chevronLeft" size={14} />
          Tasks
        </Link>
        <span className={styles.id}>{task.task_id}</span>
        <span className={styles.saved} role="status">
          {saving ? 'Saving' : saved && <span className="visually-hidden">{saved}</span>}
        </span>
        <span className={styles.actions} data-screen-only>
          {neighbours && (
            <span className={styles.walk} role="group" aria-label="The list one came from">
              <span className={styles.place}>
                {neighbours.place} of {neighbours.of}
              </span>
              <IconButton icon="up" label="Previous task" shortcut="k" size="sm" disabled={!neighbours.previous} onClick={() => onGo(neighbours.previous)} />
              <IconButton icon="down" label="Next task" shortcut="j" size="sm" disabled={!neighbours.next} onClick={() => onGo(neighbours.next)} />
            </span>
          )}
          {done ? (
            <Button icon="undo" needs="operator" onClick={onReopen}>
              Reopen
            </Button>
          ) : (
            mayEdit && (
              <Tooltip text="Complete the task" shortcut="c">
                <Button icon="check" variant="primary" onClick={onComplete}>
                  Complete
                </Button>
              </Tooltip>
            )
          )}
          <Menu label="More actions" items={menu} />
        </span>
      </div>
      <h1 className={editing ? 'visually-hidden' : styles.title}>
        {editing ? task.title : <Inline heading field="title" open={false} onOpen={() => onOpen('title')} shown={task.title} text={task.title} parse={titleChange} />}
      </h1>
      {editing && (
        <div className={styles.title}>
          <Inline heading field="title" open onOpen={(on) => onOpen(on ? 'title' : null)} shown={task.title} text={task.title} parse={titleChange} />
        </div>
      )}
      <div className={styles.facts}>
        <StatusBadge status={task.task_status} />
        <span>{STATES.find(({ value }) => value === task.workflow_state)?.label}</span>
        <PriorityTag priority={task.priority} />
        {task.dollar_value > 0 && <Money value={task.dollar_value} />}
        <span>{task.workflow_category}</span>
        {task.waiting_on && <Tag tone="yellow">Waiting on {task.waiting_on}</Tag>}
        {task.snoozed_until && (
          <Tag>
            Snoozed until <RelativeTime at={task.snoozed_until} />
          </Tag>
        )}
        <span className={styles.when}>
          Created <RelativeTime at={task.created_at} />
          {task.mailbox_source && ` by mail to ${task.mailbox_source}`} · changed <RelativeTime at={task.updated_at} />
        </span>
      </div>
    </header>
  );
}

const titleChange = (text: string) => (text.trim() === '' ? 'A task needs a title' : { title: text.trim() });
