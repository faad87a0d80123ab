import type { ReactNode } from 'react';
import { useMay } from '../../../data/session';
import { Icon } from '../../../ui';
import styles from './Form.module.css';

/** Fields that admins alone may change; everybody else can read them. */
export function Reserved({ children }: { children: ReactNode }) {
  if (useMay('admin')) return children;
  return (
    <>
      <p className={styles.reserved} role="note">
        <Icon name="lock" size={14} />
        Only admins may change this.
      </p>
      <fieldset disabled className={styles.readOnly}>
        {children}
      </fieldset>
    </>
  );
}
