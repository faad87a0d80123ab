import { Dialog, KeyHint } from '../ui';
import styles from './Shell.module.css';
import { useShortcuts } from './shortcuts';

/** All keys that do something now. */
export function ShortcutSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const groups = Object.entries(Object.groupBy(useShortcuts(), (shortcut) => shortcut.group));
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard shortcuts">
      <div className={styles.groups}>
        {groups.map(([group, shortcuts = []]) => (
          <section key={group} className={styles.group}>
            <h3 className={styles.groupTitle}>{group}</h3>
            <ul>
              {shortcuts.map(({ keys, label }) => (
                <li key={keys} className={styles.shortcut}>
                  {label}
                  <KeyHint keys={keys} />
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
