import { useEffect, useId, useRef, useState, type FormEvent, type KeyboardEvent, type ReactNode } from 'react';
import { Avatar, Button, Field, Icon, Input, place, PRIORITIES, PriorityTag, STATUSES, StatusBadge } from '../../ui';
import styles from './CellEditor.module.css';
import type { EditField } from './columns';
import { FIELD_LABELS } from './edit';
import type { TaskRow } from './filters';
import { fromLocal, toLocal } from '../../data/local';

interface CellEditorProps {
  task: TaskRow;
  field: EditField;
  /** The cell it opens at. */
  anchor: HTMLElement;
  owners: readonly string[];
  /** Undefined if nothing is to be changed. */
  onDone: (value: string | null | undefined) => void;
}

/** Opens at a cell to change it: a list to choose from, or a date. Escape leaves everything as it was. */
export function CellEditor({ task, field, anchor, owners, onDone }: CellEditorProps) {
  const panel = useRef<HTMLDivElement>(null);
  const done = useRef(false);
  const finish = (value: string | null | undefined) => {
    if (done.current) return;
    done.current = true;
    panel.current?.hidePopover();
    onDone(value);
  };
  const finished = useRef(finish);
  finished.current = finish;
  useEffect(() => {
    const element = panel.current;
    if (!element) return;
    element.showPopover();
    place(anchor, element, 'bottom-start');
    element.querySelector<HTMLElement>('input')?.focus();
    const toggled = (event: Event) => (event as ToggleEvent).newState === 'closed' && finished.current(undefined);
    element.addEventListener('toggle', toggled);
    return () => element.removeEventListener('toggle', toggled);
  }, [anchor]);

  return (
    <div ref={panel} popover="auto" role="dialog" aria-label={`${FIELD_LABELS[field]} of ${task.title}`} className={styles.panel}>
      {field === 'sla_deadline' ? (
        <Deadline value={task.sla_deadline} onDone={finish} />
      ) : (
        <Choices label={FIELD_LABELS[field]} options={optionsOf(field, task, owners)} value={task[field] ?? ''} free={field === 'current_owner'} onDone={finish} />
      )}
    </div>
  );
}

interface Option {
  value: string;
  text: string;
  shown: ReactNode;
}

function optionsOf(field: 'task_status' | 'priority' | 'current_owner', task: TaskRow, owners: readonly string[]): Option[] {
  if (field === 'task_status') return STATUSES.map((value) => ({ value, text: value, shown: <StatusBadge status={value} look="plain" /> }));
  if (field === 'priority') return PRIORITIES.map((value) => ({ value, text: value, shown: <PriorityTag priority={value} /> }));
  const names = task.current_owner && !owners.includes(task.current_owner) ? [task.current_owner, ...owners] : owners;
  return ['', ...names].map((value) => ({ value, text: value || 'Unassigned', shown: <Avatar name={value || null} withName size={20} /> }));
}

interface ChoicesProps {
  label: string;
  options: readonly Option[];
  value: string;
  /** Whether something may be typed that is not in the list. */
  free: boolean;
  onDone: (value: string | null | undefined) => void;
}

function Choices({ label, options, value, free, onDone }: ChoicesProps) {
  const id = useId();
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const found: Option[] = options.filter((option) => option.text.toLowerCase().includes(wanted)).slice(0, 60);
  const typed = text.trim();
  if (free && typed && !options.some((option) => option.text.toLowerCase() === wanted))
    found.push({ value: typed, text: typed, shown: <>Assign to “{typed}”</> });
  const [at, setAt] = useState(() => Math.max(0, options.findIndex((option) => option.value === value)));
  const active = Math.min(at, found.length - 1);
  // Scrolling gives a promise in newer browsers, which is no end of an effect.
  useEffect(() => void document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: 'nearest' }), [id, active]);

  const take = (option: Option | undefined) => onDone(option && option.value !== value ? option.value || null : undefined);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setAt((active + step + found.length) % Math.max(1, found.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      take(found[active]);
    } else if (event.key === 'Tab') {
      event.preventDefault();
      onDone(undefined);
    }
  };
  return (
    <>
      <Input
        role="combobox"
        aria-label={label}
        aria-expanded
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={found.length > 0 ? `${id}-${active}` : undefined}
        placeholder={free ? 'Find or name somebody' : `Set ${label.toLowerCase()}`}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={`${id}-list`} role="listbox" aria-label={label} className={styles.list}>
        {found.map((option, index) => (
          <li
            key={option.value}
            id={`${id}-${index}`}
            role="option"
            aria-selected={option.value === value}
            data-active={index === active || undefined}
            className={styles.option}
            onPointerMove={() => setAt(index)}
            onClick={() => take(option)}
          >
            {option.shown}
            {option.value === value && <Icon name="check" size={14} />}
          </li>
        ))}
      </ul>
    </>
  );
}

function Deadline({ value, onDone }: { value: string | null; onDone: (value: string | null | undefined) => void }) {
  const [text, setText] = useState(toLocal(value));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const instant = fromLocal(text);
    onDone(text === toLocal(value) || !instant ? undefined : instant);
  };
  return (
    <form className={styles.deadline} onSubmit={submit}>
      <Field label="Deadline" hint="In your time zone.">
        {(field) => <Input {...field} type="datetime-local" value={text} onChange={(event) => setText(event.target.value)} />}
      </Field>
      <div className={styles.buttons}>
        {value !== null && (
          <Button variant="ghost" onClick={() => onDone(null)}>
            Remove
          </Button>
        )}
        <Button variant="primary" type="submit">
          Set
        </Button>
      </div>
    </form>
  );
}
