import { Link, useLocation } from 'wouter';
import { classes, Icon, Menu, Tooltip } from '../ui';
import { changeAppearance, useAppearance } from './appearance';
import styles from './Navigation.module.css';
import { FOOT, isAt, MAIN, ROUTES, type Destination } from './routes';

function preload(to: string) {
  // A failure shows when the page is opened.
  void ROUTES.find(({ path }) => path.replace('/*?', '') === to)
    ?.load()
    .catch(() => undefined);
}

function Entry({ entry, collapsed }: { entry: Destination; collapsed: boolean }) {
  const [path] = useLocation();
  const link = (
    <Link
      href={entry.to}
      className={styles.entry}
      aria-current={isAt(path, entry.to) ? 'page' : undefined}
      onPointerEnter={() => preload(entry.to)}
    >
      <Icon name={entry.icon} size={18} />
      <span className={collapsed ? 'visually-hidden' : undefined}>{entry.label}</span>
    </Link>
  );
  return (
    <li>
      {collapsed ? (
        <Tooltip text={entry.label} shortcut={entry.keys}>
          {link}
        </Tooltip>
      ) : (
        link
      )}
    </li>
  );
}

/** The way to everything, at the left; it can be folded to icons. */
export function Sidebar() {
  const { collapsed } = useAppearance();
  return (
    <div className={classes(styles.sidebar, collapsed && styles.collapsed)} data-screen-only>
      <Link href="/" className={styles.brand} aria-label="Workflow Intelligence, overview">
        <span className={styles.mark}>
          <Icon name="logo" size={18} />
        </span>
        {!collapsed && <span>Workflow Intelligence</span>}
      </Link>
      <nav aria-label="Main" className={styles.nav}>
        <ul>
          {MAIN.map((entry) => (
            <Entry key={entry.to} entry={entry} collapsed={collapsed} />
          ))}
        </ul>
        <ul className={styles.foot}>
          {FOOT.map((entry) => (
            <Entry key={entry.to} entry={entry} collapsed={collapsed} />
          ))}
        </ul>
      </nav>
      <button
        type="button"
        className={classes(styles.entry, styles.fold)}
        aria-label={collapsed ? 'Widen the navigation' : undefined}
        onClick={() => changeAppearance({ collapsed: !collapsed })}
      >
        <Icon name="sidebar" size={18} />
        {!collapsed && <span>Fold the navigation</span>}
      </button>
    </div>
  );
}

/** The same on phones, at the bottom. */
export function TabBar() {
  const [path] = useLocation();
  return (
    <nav aria-label="Main" className={styles.tabbar} data-screen-only>
      {MAIN.slice(0, 4).map((entry) => (
        <Link key={entry.to} href={entry.to} className={styles.tab} aria-current={isAt(path, entry.to) ? 'page' : undefined}>
          <Icon name={entry.icon} size={20} />
          {entry.label}
        </Link>
      ))}
      <span className={styles.more}>
        <Menu label="More pages" icon="menu" items={[...MAIN.slice(4), ...FOOT].map(({ to, label, icon }) => ({ to, label, icon }))} />
        <span aria-hidden="true">More</span>
      </span>
    </nav>
  );
}
