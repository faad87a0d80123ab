import { useId, type ComponentProps, type ReactNode } from 'react';
import { classes } from './classes';
import styles from './Field.module.css';
import { Icon } from './icons';

/** What ties a control to its label, hint and error: spread it over the control. */
export interface FieldControl {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  hideLabel?: boolean;
  children: (control: FieldControl) => ReactNode;
}

/** A control with its label, a hint and what is wrong with it. */
export function Field({ label, hint, error, hideLabel = false, children }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={hideLabel ? 'visually-hidden' : styles.label}>
        {label}
      </label>
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': error ? true : undefined })}
      {hint && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className={styles.error}>
          <Icon name="error" size={14} />
          {error}
        </p>
      )}
    </div>
  );
}

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input autoComplete="off" {...rest} className={classes(styles.input, className)} />;
}

export function Textarea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea {...rest} className={classes(styles.input, styles.textarea, className)} />;
}

/** Search with its icon; `label` is its name. */
export function SearchInput({ label, className, ...rest }: { label: string } & ComponentProps<'input'>) {
  return (
    <span className={classes(styles.search, className)}>
      <Icon name="search" />
      <input type="search" aria-label={label} placeholder={label} autoComplete="off" spellCheck={false} {...rest} className={styles.input} />
    </span>
  );
}

export interface Choice<T extends string = string> {
  value: T;
  label: string;
}

type SelectProps<T extends string> = Omit<ComponentProps<'select'>, 'value' | 'onChange'> & {
  value: T;
  choices: readonly Choice<T>[];
  onChange: (value: T) => void;
};

/** The browser's own list, which works everywhere. */
export function Select<T extends string>({ value, choices, onChange, className, ...rest }: SelectProps<T>) {
  return (
    <span className={classes(styles.select, className)}>
      <select {...rest} className={styles.input} value={value} onChange={(event) => onChange(event.target.value as T)}>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
      <Icon name="chevronDown" size={14} />
    </span>
  );
}

type CheckProps = Omit<ComponentProps<'input'>, 'type' | 'onChange'> & {
  label: ReactNode;
  hideLabel?: boolean;
  indeterminate?: boolean;
  onChange: (checked: boolean) => void;
};

export function Checkbox({ label, hideLabel, indeterminate = false, onChange, className, ...rest }: CheckProps) {
  return (
    <label className={classes(styles.check, className)}>
      <input
        {...rest}
        type="checkbox"
        ref={(element) => {
          if (element) element.indeterminate = indeterminate;
        }}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className={hideLabel ? 'visually-hidden' : undefined}>{label}</span>
    </label>
  );
}

/** For what takes effect at once. */
export function Switch({ label, hideLabel, onChange, className, ...rest }: Omit<CheckProps, 'indeterminate'>) {
  return (
    <label className={classes(styles.check, className)}>
      <input {...rest} type="checkbox" role="switch" className={styles.switch} onChange={(event) => onChange(event.target.checked)} />
      <span className={hideLabel ? 'visually-hidden' : undefined}>{label}</span>
    </label>
  );
}
