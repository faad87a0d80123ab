import { Link, useLocation } from 'wouter';
import { classes } from './classes';
import { Icon, type IconName } from './icons';
import styles from './Tabs.module.css';

export interface Tab {
  to: string;
  label: string;
  icon?: IconName;
  /** Shown behind the label. */
  count?: number | undefined;
}

interface TabsProps {
  label: string;
  tabs: readonly Tab[];
  /** The address that is current, where the path alone does not say: tabs of a query. */
  current?: string;
}

/** Views of one thing, each a link with an address of its own. */
export function Tabs({ label, tabs, current }: TabsProps) {
  const [path] = useLocation();
  const longest = tabs
    .filter(({ to }) => path === to || path.startsWith(`${to}/`))
    .sort((a, b) => b.to.length - a.to.length)[0]?.to;
  const here = current ?? longest;
  return (
    <nav aria-label={label} className={styles.tabs} data-screen-only>
      {tabs.map((tab) => (
        <Link key={tab.to} href={tab.to} aria-current={tab.to === here ? 'page' : undefined} className={classes(styles.tab)}>
          {tab.icon && <Icon name={tab.icon} />}
          {tab.label}
          {tab.count !== undefined && <span className={styles.count}>{tab.count}</span>}
        </Link>
      ))}
    </nav>
  );
}
