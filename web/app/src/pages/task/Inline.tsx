import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useMay } from '../../data/session';
import { Button, Icon } from '../../ui';
import { same, valueOf } from './edit';
import styles from './Fields.module.css';
import { FIELD_NAMES, type Change, type Task } from './types';
import { useEditing } from './useTask';

interface InlineProps {
  /** The field, for its name and for noticing that somebody else changes it. */
  field: keyof Change;
  /** What shows while nobody edits. */
  shown: ReactNode;
  /** The text that is edited. */
  text: string;
  /** The change that the text comes to, or what is wrong with it. */
  parse: (text: string) => Change | string;
  /** Opened from elsewhere, by a shortcut. */
  open: boolean;
  onOpen: (open: boolean) => void;
  input?: (props: { value: string; onChange: (text: string) => void; label: string; describedBy: string | undefined }) => ReactNode;
  /** Further choices beside Save. */
  more?: ReactNode;
  heading?: boolean;
}

/**
 * A value that becomes a form where it stands. Enter saves, Escape leaves; what others change meanwhile is told and not
 * overwritten unless the person says so.
 */
export function Inline(props: InlineProps) {
  const { field, shown, open, onOpen, heading } = props;
  const trigger = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (wasOpen.current && !open) trigger.current?.focus();
    wasOpen.current = open;
  }, [open]);
  const mayEdit = useMay('operator');
  if (!mayEdit) return <span className={styles.shown}>{shown}</span>;
  if (open) return <InlineForm {...props} />;
  const name = FIELD_NAMES[field] ?? field;
  return (
    <button ref={trigger} type="button" className={heading ? styles.titleButton : styles.valueButton} onClick={() => onOpen(true)}>
      <span className={styles.shown}>{shown}</span>
      <span className="visually-hidden">, edit {name.toLowerCase()}</span>
      <span className={styles.pencil}>
        <Icon name="edit" size={14} />
      </span>
    </button>
  );
}

function InlineForm({ field, text, parse, onOpen, input, more, heading }: InlineProps) {
  const { task, save } = useEditing();
  // The task as it was when the form opened: what the person means to change.
  const [base, setBase] = useState<Task>(task);
  const [value, setValue] = useState(text);
  const [wrong, setWrong] = useState<string>();
  const form = useRef<HTMLFormElement>(null);
  const name = FIELD_NAMES[field] ?? field;
  const changed = !same(valueOf(base, field), valueOf(task, field));
  const id = `inline-${field}`;
  useEffect(() => {
    const element = form.current?.querySelector<HTMLInputElement>('input, textarea, select');
    element?.focus();
    if (element?.type === 'text') element.select();
  }, []);

  const submit = async () => {
    const change = parse(value);
    if (typeof change === 'string') return setWrong(change);
    if (changed) return;
    onOpen(false);
    if (value !== text) await save(change, base);
  };

  return (
    <form
      ref={form}
      className={heading ? styles.titleForm : styles.form}
      aria-label={`Edit ${name.toLowerCase()}`}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.preventDefault();
        onOpen(false);
      }}
    >
      {input ? (
        input({ value, onChange: setValue, label: name, describedBy: wrong ? id : undefined })
      ) : (
        <input
          type="text"
          className={styles.input}
          aria-label={name}
          aria-invalid={wrong ? true : undefined}
          aria-describedby={wrong ? id : undefined}
          value={value}
          autoComplete="off"
          onChange={(event) => setValue(event.target.value)}
        />
      )}
      {wrong && (
        <p id={id} className={styles.wrong} role="alert">
          {wrong}
        </p>
      )}
      {changed && (
        <p className={styles.notice} role="alert">
          Somebody has changed this meanwhile. It is now: <strong>{describe(task, field)}</strong>
          <Button size="sm" onClick={() => onOpen(false)}>
            Keep theirs
          </Button>
          <Button size="sm" onClick={() => setBase(task)}>
            Go on with mine
          </Button>
        </p>
      )}
      <span className={styles.formActions}>
        <Button type="submit" size="sm" variant="primary" disabled={changed}>
          Save
        </Button>
        <Button size="sm" variant="ghost" onClick={() => onOpen(false)}>
          Cancel
        </Button>
        {more}
      </span>
    </form>
  );
}

/** A field's value in words. */
export function describe(task: Task, field: keyof Change): string {
  const value = valueOf(task, field);
  if (value === null || value === undefined || value === '') return 'none';
  if (Array.isArray(value)) return value.length > 0 ? value.join(', ') : 'none';
  if (typeof value === 'object') return 'changed';
  return String(value);
}
