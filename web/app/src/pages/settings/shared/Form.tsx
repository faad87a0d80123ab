import type { FormEvent, ReactNode } from 'react';
import type { Problem } from '../../../data/problem';
import { Checkbox, Icon } from '../../../ui';
import { faultsElsewhere } from './pointer';
import styles from './Form.module.css';

/** Fields under one another; Enter in one of them saves. */
export function Form({ id, onSubmit, children }: { id?: string; onSubmit: () => void; children: ReactNode }) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form id={id} noValidate className={styles.form} onSubmit={submit}>
      {children}
      {/* Enter saves only where a form has a button for it. */}
      <button type="submit" hidden tabIndex={-1} />
    </form>
  );
}

/** Fields beside one another where there is room. */
export function Row({ children }: { children: ReactNode }) {
  return <div className={styles.row}>{children}</div>;
}

interface GroupProps {
  label: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  children: ReactNode;
}

/** Controls that belong together, under one name. */
export function Group({ label, hint, error, children }: GroupProps) {
  return (
    <fieldset className={styles.group} aria-invalid={error ? true : undefined}>
      <legend className={styles.legend}>{label}</legend>
      {hint && <p className={styles.hint}>{hint}</p>}
      {children}
      {error && (
        <p className={styles.error}>
          <Icon name="error" size={14} />
          {error}
        </p>
      )}
    </fieldset>
  );
}

interface ChoicesProps<T extends string> {
  label: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  choices: readonly { value: T; label: string }[];
  selected: readonly T[];
  onChange: (selected: T[]) => void;
}

/** Any number of a few. */
export function Choices<T extends string>({ label, hint, error, choices, selected, onChange }: ChoicesProps<T>) {
  return (
    <Group label={label} hint={hint} error={error}>
      <div className={styles.choices}>
        {choices.map(({ value, label: name }) => (
          <Checkbox
            key={value}
            className={styles.choice}
            label={name}
            checked={selected.includes(value)}
            onChange={(on) => onChange(choices.map((choice) => choice.value).filter((other) => (other === value ? on : selected.includes(other))))}
          />
        ))}
      </div>
    </Group>
  );
}

interface FormProblemProps {
  problem: Problem | null | undefined;
  /** Pointers whose faults the form's fields show. */
  shown: readonly string[];
  children?: ReactNode;
}

/** What keeps a form from being saved, as far as no field says it. */
export function FormProblem({ problem, shown, children }: FormProblemProps) {
  if (!problem) return null;
  const elsewhere = faultsElsewhere(problem, shown);
  const atFields = problem.errors.length - elsewhere.length;
  return (
    <div role="alert" className={styles.problem}>
      <Icon name="error" size={18} />
      <div>
        <p className={styles.problemTitle}>
          {problem.conflict
            ? 'Somebody else changed this meanwhile'
            : atFields > 0
              ? `${atFields === 1 ? 'One field needs' : `${atFields} fields need`} another value`
              : 'This was refused'}
        </p>
        {(atFields === 0 || problem.conflict) && <p>{problem.message}</p>}
        {elsewhere.length > 0 && (
          <ul>
            {elsewhere.map((error) => (
              <li key={error.pointer + error.detail}>
                <code>{error.pointer}</code> {error.detail}
              </li>
            ))}
          </ul>
        )}
        {problem.requestId && (
          <p className={styles.request}>
            Request <code>{problem.requestId}</code>
          </p>
        )}
        {children}
      </div>
    </div>
  );
}
