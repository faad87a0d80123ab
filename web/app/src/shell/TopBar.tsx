import { lazy, Suspense } from 'react';
import { Link } from 'wouter';
import { useConnection, type Connection } from '../data/live';
import { useSession } from '../data/session';
import { NotificationBell } from '../notifications/NotificationBell';
import { Icon, IconButton, KeyHint, Menu, Tooltip, type IconName } from '../ui';
import { changeAppearance, useAppearance, type Density, type Theme } from './appearance';
import styles from './TopBar.module.css';

const SAID: Record<Connection, { word: string; detail: string }> = {
  connecting: { word: 'Connecting', detail: 'Asking the server for live changes.' },
  live: { word: 'Live', detail: 'Changes appear as they happen.' },
  reconnecting: { word: 'Reconnecting', detail: 'The connection was lost. What you see may be out of date.' },
  offline: { word: 'Offline', detail: 'This device has no network. What you see is from before.' },
};

function ConnectionIndicator() {
  const connection = useConnection();
  const { word, detail } = SAID[connection];
  return (
    <Tooltip text={detail}>
      <span className={styles.connection} data-state={connection} role="status">
        <span className={styles.dot} aria-hidden="true" />
        <span className={styles.word}>{word}</span>
      </span>
    </Tooltip>
  );
}

const THEMES: [Theme, string, IconName][] = [
  ['system', 'As the system', 'display'],
  ['light', 'Light', 'sun'],
  ['dark', 'Dark', 'moon'],
];
const DENSITIES: [Density, string][] = [
  ['comfortable', 'Comfortable'],
  ['compact', 'Compact'],
];

function AppearanceMenu() {
  const { theme, density, shownTheme } = useAppearance();
  return (
    <Menu
      label="Appearance"
      icon={shownTheme === 'dark' ? 'moon' : 'sun'}
      items={[
        'Theme',
        ...THEMES.map(([value, label, icon]) => ({
          label,
          icon,
          checked: theme === value,
          onSelect: () => changeAppearance({ theme: value }),
        })),
        null,
        'Density',
        ...DENSITIES.map(([value, label]) => ({
          label,
          checked: density === value,
          onSelect: () => changeAppearance({ density: value }),
        })),
      ]}
    />
  );
}

const AccountMenu = lazy(() => import('./AccountMenu'));

/** Who looks; where nobody is asked, no more than that. */
function Account() {
  const session = useSession();
  if (!session) return null;
  if (session.authentication !== 'required') {
    return (
      <Tooltip text="Authentication is off: whoever can connect is local, and may do everything.">
        <span className={styles.local}>{session.principal}</span>
      </Tooltip>
    );
  }
  return (
    <Suspense fallback={<span className={styles.account} />}>
      <AccountMenu session={session} />
    </Suspense>
  );
}

export function TopBar({ onSearch, onHelp }: { onSearch: () => void; onHelp: () => void }) {
  return (
    <header className={styles.topbar} data-screen-only>
      <Link href="/" className={styles.brand} aria-label="Overview">
        <span className={styles.mark}>
          <Icon name="logo" size={18} />
        </span>
      </Link>
      <button type="button" className={styles.search} onClick={onSearch}>
        <Icon name="search" />
        <span className={styles.searchLabel}>Search tasks or go to…</span>
        <KeyHint keys="mod+k" />
      </button>
      <div id="topbar-slot" className={styles.slot} />
      <ConnectionIndicator />
      <span className={styles.help}>
        <IconButton icon="keyboard" label="Keyboard shortcuts" shortcut="?" onClick={onHelp} />
      </span>
      <NotificationBell />
      <AppearanceMenu />
      <Account />
    </header>
  );
}
