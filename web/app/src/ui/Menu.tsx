import type { KeyboardEvent, ReactNode } from 'react';
import { useEffect, useId } from 'react';
import { useLocation } from 'wouter';
import { may, useSession, type Needs } from '../data/session';
import { Button, IconButton, type ButtonVariant } from './Button';
import { classes } from './classes';
import { Icon, type IconName } from './icons';
import styles from './Menu.module.css';
import { usePopover, type Placement } from './popover';

/** One thing to do or to choose; `checked` makes it a choice, `needs` keeps it from whoever may not. A string is a heading, null a line. */
export type MenuItem =
  | { label: string; icon?: IconName; hint?: ReactNode; danger?: boolean; disabled?: boolean; checked?: boolean; needs?: Needs; onSelect: () => void }
  | { label: string; icon?: IconName; hint?: ReactNode; disabled?: boolean; needs?: Needs; to: string }
  | string
  | null;

interface MenuProps {
  /** Name of the button. */
  label: string;
  items: readonly MenuItem[];
  icon?: IconName;
  /** Whether the label is written on the button. */
  showLabel?: boolean;
  variant?: ButtonVariant;
  size?: 'sm' | 'md';
  placement?: Placement;
}

type Action = Exclude<MenuItem, string | null>;

/** What may be done, without headings and lines that have nothing to divide any more. */
export function offered(items: readonly MenuItem[], allowed: (needs: Needs) => boolean): readonly MenuItem[] {
  const isAction = (item: MenuItem | undefined): item is Action => typeof item === 'object' && item !== null;
  const left = items.filter((item) => !isAction(item) || item.needs === undefined || allowed(item.needs));
  if (left.length === items.length) return items;
  return left.filter((item, at) => {
    if (isAction(item)) return true;
    const rest = left.slice(at + 1);
    return item === null ? left.slice(0, at).some(isAction) && rest.some(isAction) && rest[0] !== null : isAction(rest[0]);
  });
}

/** A button with things to do: arrow keys, Home, End and first letters move; Escape closes. */
export function Menu({ label, items: all, icon = 'more', showLabel = false, variant, size, placement = 'bottom-end' }: MenuProps) {
  const { anchor, floating, open, show, close } = usePopover(placement);
  const [, navigate] = useLocation();
  const id = useId();
  const session = useSession();
  const items = offered(all, (needs) => may(session, needs));

  const rows = () => [...(floating.current?.querySelectorAll<HTMLElement>('[role^=menuitem]:not([aria-disabled=true])') ?? [])];
  useEffect(() => {
    if (open) rows()[0]?.focus();
  }, [open]);

  const onKeyDown = (event: KeyboardEvent) => {
    const all = rows();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: (at + 1) % all.length, ArrowUp: (at - 1 + all.length) % all.length, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      all[to]?.focus();
    } else if (event.key === 'Tab') {
      close();
    } else if (event.key.length === 1 && event.key !== ' ') {
      const after = [...all.slice(at + 1), ...all];
      after.find((row) => row.textContent?.toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
    }
  };

  if (items.length === 0) return null;
  const trigger = {
    ref: anchor,
    'aria-haspopup': 'menu' as const,
    'aria-expanded': open,
    'aria-controls': id,
    onClick: () => (open ? close() : show()),
    ...(variant && { variant }),
    ...(size && { size }),
  };
  return (
    <>
      {showLabel ? (
        <Button {...trigger} icon={icon}>
          {label}
          <Icon name="chevronDown" size={14} />
        </Button>
      ) : (
        <IconButton {...trigger} icon={icon} label={label} />
      )}
      <div ref={floating} id={id} popover="auto" role="menu" aria-label={label} className={styles.menu} onKeyDown={onKeyDown}>
        {items.map((item, at) => {
          if (item === null) return <hr key={at} className={styles.line} />;
          if (typeof item === 'string') {
            return (
              <div key={at} role="presentation" className={styles.heading}>
                {item}
              </div>
            );
          }
          const checked = 'checked' in item ? item.checked : undefined;
          return (
            <button
              key={at}
              type="button"
              role={checked === undefined ? 'menuitem' : 'menuitemradio'}
              aria-checked={checked}
              aria-disabled={item.disabled}
              tabIndex={-1}
              className={classes(styles.item, 'danger' in item && item.danger && styles.danger)}
              onClick={() => {
                if (item.disabled) return;
                close();
                anchor.current?.focus();
                if ('to' in item) navigate(item.to);
                else item.onSelect();
              }}
            >
              {item.icon && <Icon name={item.icon} />}
              <span className={styles.label}>{item.label}</span>
              {item.hint && <span className={styles.hint}>{item.hint}</span>}
              {checked !== undefined && <span className={styles.check}>{checked && <Icon name="check" />}</span>}
            </button>
          );
        })}
      </div>
    </>
  );
}
