import { useId, useState, type KeyboardEvent } from 'react';
import styles from './Combobox.module.css';
import fieldStyles from './Field.module.css';
import type { Choice, FieldControl } from './Field';

interface ComboboxProps extends Partial<FieldControl> {
  /** What is written; it need not be one of the choices unless `strict`. */
  value: string;
  choices: readonly Choice[];
  onChange: (value: string) => void;
  placeholder?: string;
  /** Leaving it with something that is no choice puts back what was there. */
  strict?: boolean;
}

const SHOWN = 50;

/** A text field that proposes. Arrow keys choose, Enter takes, Escape closes the list. */
export function Combobox({ value, choices, onChange, placeholder, strict = false, ...field }: ComboboxProps) {
  const list = useId();
  const [typed, setTyped] = useState<string>();
  const [active, setActive] = useState(-1);
  const open = typed !== undefined;
  const label = choices.find((choice) => choice.value === value)?.label ?? value;
  const wanted = (typed ?? '').trim().toLowerCase();
  const found = choices.filter((choice) => choice.label.toLowerCase().includes(wanted)).slice(0, SHOWN);

  const take = (taken: string) => {
    onChange(taken);
    setTyped(undefined);
    setActive(-1);
  };
  const leave = () => {
    if (typed === undefined) return;
    const exact = choices.find((choice) => choice.label.toLowerCase() === wanted);
    if (exact) take(exact.value);
    else if (!strict && typed !== '') take(typed.trim());
    else setTyped(undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (!open) return setTyped('');
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setActive((at) => Math.max(0, Math.min(found.length - 1, at + step)));
    } else if (event.key === 'Enter' && open) {
      event.preventDefault();
      const chosen = found[active];
      if (chosen) take(chosen.value);
      else leave();
    } else if (event.key === 'Escape' && open) {
      event.stopPropagation();
      event.preventDefault();
      setTyped(undefined);
    }
  };

  return (
    <div className={styles.combobox}>
      <input
        {...field}
        className={fieldStyles.input}
        role="combobox"
        aria-expanded={open}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={open && found[active] ? `${list}-${active}` : undefined}
        autoComplete="off"
        placeholder={placeholder}
        value={typed ?? label}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(-1);
        }}
        onClick={() => setTyped((was) => was ?? '')}
        onBlur={leave}
        onKeyDown={onKeyDown}
      />
      <ul id={list} role="listbox" aria-label="Choices" hidden={!open || found.length === 0} className={styles.list}>
        {open &&
          found.map((choice, at) => (
            <li
              key={choice.value}
              id={`${list}-${at}`}
              role="option"
              aria-selected={choice.value === value}
              className={styles.option}
              data-active={at === active || undefined}
              // Before the field loses the focus.
              onPointerDown={(event) => {
                event.preventDefault();
                take(choice.value);
              }}
            >
              {choice.label}
            </li>
          ))}
      </ul>
    </div>
  );
}
