import { useState, type ReactNode } from 'react';
import styles from './Changing.module.css';

/** Says quietly, by a tint that fades, that a figure has become another one while somebody looked. */
export function Changing({ value, children }: { value: number | string | null | undefined; children: ReactNode }) {
  const [seen, setSeen] = useState(value);
  const [changes, setChanges] = useState(0);
  if (seen !== value) {
    setSeen(value);
    setChanges(changes + 1);
  }
  return (
    <span className={styles.figure}>
      {changes > 0 && <span key={changes} className={styles.tint} aria-hidden="true" />}
      {children}
    </span>
  );
}
