import { useEffect, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { Link } from 'wouter';
import { classes } from './classes';
import { Icon } from './icons';
import styles from './Layout.module.css';
import { setTitle } from './title';

/** The document's title. */
export function usePageTitle(title: string): void {
  useEffect(() => setTitle(title), [title]);
}

interface PageProps {
  children: ReactNode;
  /** Exactly as high as the window: for a board or a table that scrolls by itself. */
  fill?: boolean;
  /** As wide as text is read well: for forms. */
  narrow?: boolean;
}

export function Page({ children, fill, narrow }: PageProps) {
  return <div className={classes(styles.page, fill && styles.fill, narrow && styles.narrow)}>{children}</div>;
}

interface PageHeaderProps {
  title: string;
  /** Behind the title, such as a badge. */
  badge?: ReactNode;
  description?: ReactNode;
  /** Where one came from. */
  back?: { to: string; label: string };
  actions?: ReactNode;
}

/** The page's heading, which also names the document. */
export function PageHeader({ title, badge, description, back, actions }: PageHeaderProps) {
  usePageTitle(title);
  return (
    <header className={styles.header}>
      <div className={styles.heading}>
        {back && (
          <Link href={back.to} className={styles.back}>
            <Icon name="chevronLeft" size={14} />
            {back.label}
          </Link>
        )}
        <h1 className={styles.title}>
          {title}
          {badge}
        </h1>
        {description && <p className={styles.description}>{description}</p>}
      </div>
      {actions && <div className={styles.actions}>{actions}</div>}
    </header>
  );
}

/** Puts something into the top bar for as long as the page is there. */
export function TopBarSlot({ children }: { children: ReactNode }) {
  const slot = document.getElementById('topbar-slot');
  return slot && createPortal(children, slot);
}

/** A row of filters and actions. */
export function Toolbar({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div role="group" aria-label={label} className={styles.toolbar} data-screen-only>
      {children}
    </div>
  );
}

/** Pushes what follows in a toolbar to the end. */
export function Spring() {
  return <span className={styles.spring} />;
}

interface CardProps {
  title?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** Without padding: for tables. */
  flush?: boolean;
  className?: string;
}

export function Card({ title, description, actions, children, flush, className }: CardProps) {
  return (
    <section className={classes(styles.card, className)} data-card>
      {(title || actions) && (
        <header className={styles.cardHeader}>
          <div>
            {title && <h2 className={styles.cardTitle}>{title}</h2>}
            {description && <p className={styles.cardDescription}>{description}</p>}
          </div>
          {actions && <div className={styles.actions}>{actions}</div>}
        </header>
      )}
      <div className={flush ? styles.flush : styles.cardBody}>{children}</div>
    </section>
  );
}

/** Cards side by side, as many as there is room for; `min` is the least width of one. */
export function Grid({ children, min = '14rem' }: { children: ReactNode; min?: string }) {
  return (
    <div className={styles.grid} style={{ '--min': min } as React.CSSProperties}>
      {children}
    </div>
  );
}

/** Names and what they are. An absent value is a dash. */
export function DescriptionList({ items }: { items: readonly (readonly [term: string, value: ReactNode])[] }) {
  return (
    <dl className={styles.list}>
      {items.map(([term, value]) => (
        <div key={term} className={styles.pair}>
          <dt>{term}</dt>
          <dd>{value ?? '–'}</dd>
        </div>
      ))}
    </dl>
  );
}

export type Tone = 'neutral' | 'accent' | 'red' | 'yellow' | 'green' | 'blue';

/** A word on a tint. */
export function Tag({ tone = 'neutral', children }: { tone?: Tone; children: ReactNode }) {
  return <span className={classes(styles.tag, styles[tone])}>{children}</span>;
}

interface ProgressProps {
  label: string;
  /** 0 to `max`; absent while nobody knows. */
  value?: number | undefined;
  max?: number;
  showLabel?: boolean;
}

export function Progress({ label, value, max = 1, showLabel = false }: ProgressProps) {
  return (
    <span className={styles.progress}>
      {showLabel && <span className={styles.progressLabel}>{label}</span>}
      <progress aria-label={label} {...(value === undefined ? {} : { value, max })} />
    </span>
  );
}
