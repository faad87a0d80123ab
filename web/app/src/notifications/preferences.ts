import { Store } from '../data/store';
import { KIND_NAMES, type Kind, type Notice } from './notice';

/** Each includes the ones before it. `desktop` shows a notification of the system while the page is not looked at. */
export type Level = 'off' | 'centre' | 'toast' | 'desktop';

export const LEVELS: readonly { value: Level; label: string }[] = [
  { value: 'off', label: 'Off' },
  { value: 'centre', label: 'List only' },
  { value: 'toast', label: 'List and toast' },
  { value: 'desktop', label: 'List, toast and desktop' },
];

export interface Preferences {
  levels: Record<Kind, Level>;
  /** Who looks at the page; empty if they did not say. */
  name: string;
  /** Only what concerns them. */
  mine: boolean;
  /** Dollars below which an event that states its value is left out. */
  least: number;
}

export const DEFAULTS: Preferences = {
  levels: {
    critical: 'toast',
    violated: 'toast',
    warning: 'centre',
    escalated: 'centre',
    created: 'off',
    completed: 'off',
    comment: 'off',
    batch: 'centre',
    batchFailed: 'toast',
  },
  name: '',
  mine: false,
  least: 0,
};

/** What was stored, as far as it makes sense. */
export function readPreferences(stored: string | null): Preferences {
  let found: Partial<Preferences>;
  try {
    found = (JSON.parse(stored ?? '{}') ?? {}) as Partial<Preferences>;
  } catch {
    return DEFAULTS;
  }
  const level = (kind: Kind): Level => LEVELS.find(({ value }) => value === found.levels?.[kind])?.value ?? DEFAULTS.levels[kind];
  return {
    levels: Object.fromEntries(KIND_NAMES.map((kind) => [kind, level(kind)])) as Record<Kind, Level>,
    name: typeof found.name === 'string' ? found.name : '',
    mine: found.mine === true,
    least: typeof found.least === 'number' && found.least > 0 ? found.least : 0,
  };
}

/** How loud a notice is for somebody with these wishes. */
export function levelOf({ kind, owner, value, mentions }: Notice, { levels, name, mine, least }: Preferences): Level {
  const me = name.trim().toLowerCase();
  if (mine && me) {
    if (owner !== undefined && owner?.toLowerCase() !== me) return 'off';
    if (mentions && !mentions.some((mention) => mention.toLowerCase() === me)) return 'off';
  }
  if (value !== undefined && value < least) return 'off';
  return levels[kind];
}

const KEY = 'notification-preferences';

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export const preferences = new Store<Preferences>(readPreferences(stored()));

/** Takes effect at once, also in other tabs. */
export function changePreferences(to: Partial<Preferences>): void {
  preferences.set({ ...preferences.get(), ...to });
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences.get()));
  } catch {
    // No storage: they hold until the page is left.
  }
}

globalThis.window?.addEventListener('storage', ({ key, newValue }) => {
  if (key === KEY) preferences.set(readPreferences(newValue));
});
