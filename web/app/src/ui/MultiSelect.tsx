import { useState, type ReactNode } from 'react';
import { Button } from './Button';
import { classes } from './classes';
import type { Choice } from './Field';
import { Checkbox, SearchInput } from './Field';
import { Icon } from './icons';
import styles from './MultiSelect.module.css';
import { usePopover } from './popover';

interface MultiSelectProps<T extends string> {
  /** What is filtered by, such as `Owner`. */
  label: string;
  choices: readonly (Choice<T> & { icon?: ReactNode; count?: number })[];
  selected: readonly T[];
  onChange: (selected: T[]) => void;
}

/** Choices beyond which there is a search. */
const MANY = 8;

/** A filter: a button that says what is chosen, and a list of boxes to check. */
export function MultiSelect<T extends string>({ label, choices, selected, onChange }: MultiSelectProps<T>) {
  const { anchor, floating, open, show, close } = usePopover();
  const [text, setText] = useState('');
  const shown = choices.filter((choice) => choice.label.toLowerCase().includes(text.trim().toLowerCase()));
  const names = selected.map((value) => choices.find((choice) => choice.value === value)?.label ?? value);
  const said = names.length === 0 ? '' : names.length === 1 ? names[0] : `${names.length} chosen`;
  return (
    <>
      <Button
        ref={anchor}
        aria-haspopup="dialog"
        aria-expanded={open}
        className={classes(selected.length > 0 && styles.chosen)}
        onClick={() => (open ? close() : show())}
      >
        {label}
        {said && <span className={styles.said}>{said}</span>}
        <Icon name="chevronDown" size={14} />
      </Button>
      <div ref={floating} popover="auto" role="dialog" aria-label={label} className={styles.panel}>
        {choices.length > MANY && (
          <SearchInput label={`Find ${label.toLowerCase()}`} className={styles.search} value={text} onChange={(event) => setText(event.target.value)} />
        )}
        <div role="group" aria-label={label} className={styles.list}>
          {shown.map((choice) => (
            <Checkbox
              key={choice.value}
              className={styles.choice}
              checked={selected.includes(choice.value)}
              onChange={(on) => onChange(on ? [...selected, choice.value] : selected.filter((value) => value !== choice.value))}
              label={
                <span className={styles.name}>
                  {choice.icon}
                  <span>{choice.label}</span>
                  {choice.count !== undefined && <span className={styles.count}>{choice.count}</span>}
                </span>
              }
            />
          ))}
          {shown.length === 0 && <p className={styles.none}>Nothing found</p>}
        </div>
        {selected.length > 0 && (
          <div className={styles.footer}>
            <Button variant="ghost" size="sm" onClick={() => onChange([])}>
              Clear
            </Button>
          </div>
        )}
      </div>
    </>
  );
}
