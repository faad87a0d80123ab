import { Button, Icon } from '../../ui';
import { describe } from './Inline';
import styles from './Task.module.css';
import { FIELD_NAMES } from './types';
import { useEditing } from './useTask';

/** Somebody else has changed the same field: nothing was overwritten, the person decides. */
export function ConflictNotice() {
  const { conflict, dismissConflict, save } = useEditing();
  if (!conflict) return null;
  const { change, fields, current } = conflict;
  return (
    <section className={styles.conflict} role="alert">
      <Icon name="alert" size={18} />
      <p>
        <strong>Not saved: somebody else was first.</strong>{' '}
        {fields.map((field) => `${FIELD_NAMES[field] ?? field} is now ${describe(current, field)}`).join('; ')}.
      </p>
      <span className={styles.reviewActions}>
        <Button size="sm" onClick={dismissConflict}>
          Keep theirs
        </Button>
        <Button size="sm" onClick={() => void save(change, current)}>
          Use mine
        </Button>
      </span>
    </section>
  );
}
