import type { ComponentProps, ReactNode } from 'react';
import { Link } from 'wouter';
import { useMay, type Needs } from '../data/session';
import styles from './Button.module.css';
import { classes } from './classes';
import { Icon, type IconName } from './icons';
import { Tooltip } from './Tooltip';

/** `primary` once a view; `danger` for what cannot be taken back. */
export type ButtonVariant = 'primary' | 'secondary' | 'ghost' | 'danger';

interface Look {
  variant?: ButtonVariant;
  size?: 'sm' | 'md';
  icon?: IconName;
  /** What it takes to do this; whoever may not is not offered it. */
  needs?: Needs | undefined;
}

type ButtonProps = Look & { busy?: boolean } & ComponentProps<'button'>;

/** While `busy` it keeps its place and its focus, and does nothing. */
export function Button({ variant = 'secondary', size = 'md', icon, needs, busy, className, children, onClick, ...rest }: ButtonProps) {
  if (!useMay(needs)) return null;
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={busy || rest['aria-disabled']}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={classes(styles.button, styles[variant], styles[size], className)}
    >
      {busy ? <span className={styles.spinner} aria-hidden="true" /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

type ButtonLinkProps = Look & { to: string; children: ReactNode; className?: string };

/** A link that looks like a button. */
export function ButtonLink({ variant = 'secondary', size = 'md', icon, needs, to, children, className }: ButtonLinkProps) {
  if (!useMay(needs)) return null;
  return (
    <Link href={to} className={classes(styles.button, styles[variant], styles[size], className)}>
      {icon && <Icon name={icon} />}
      {children}
    </Link>
  );
}

type IconButtonProps = Look & { icon: IconName; label: string; shortcut?: string } & ComponentProps<'button'>;

/** Its `label` is its name and shows as a tooltip. */
export function IconButton({ icon, label, shortcut, variant = 'ghost', size = 'md', needs, className, ...rest }: IconButtonProps) {
  if (!useMay(needs)) return null;
  return (
    <Tooltip text={label} shortcut={shortcut}>
      <button
        type="button"
        aria-label={label}
        {...rest}
        className={classes(styles.button, styles.iconOnly, styles[variant], styles[size], className)}
      >
        <Icon name={icon} size={size === 'sm' ? 16 : 18} />
      </button>
    </Tooltip>
  );
}
