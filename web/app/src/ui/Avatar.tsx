import styles from './Avatar.module.css';
import { Icon } from './icons';

const HUES = [255, 200, 160, 130, 35, 10, 330, 290];

function hue(name: string): number {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)!) % 9973;
  return HUES[sum % HUES.length]!;
}

function initials(name: string): string {
  const parts = name.replace(/@.*/, '').split(/[\s._-]+/).filter(Boolean);
  return ((parts[0]?.[0] ?? '?') + (parts.length > 1 ? parts.at(-1)![0] : '')).toUpperCase();
}

/** A person by initials; null is nobody. `withName` writes the name beside it, otherwise it is for readers alone. */
export function Avatar({ name, withName = false, size = 22 }: { name: string | null; withName?: boolean; size?: number }) {
  return (
    <span className={styles.owner}>
      <span
        className={name ? styles.avatar : styles.nobody}
        style={{ width: size, height: size, fontSize: size * 0.42, ...(name && { '--hue': hue(name) }) } as React.CSSProperties}
        aria-hidden="true"
      >
        {name ? initials(name) : <Icon name="user" size={size * 0.6} />}
      </span>
      <span className={withName ? styles.name : 'visually-hidden'}>{name ?? 'Unassigned'}</span>
    </span>
  );
}
