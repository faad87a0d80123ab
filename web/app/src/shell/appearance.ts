import { useSyncExternalStore } from 'react';
import { Store } from '../data/store';

export type Theme = 'system' | 'light' | 'dark';
export type Density = 'comfortable' | 'compact';

interface Appearance {
  theme: Theme;
  density: Density;
  /** Whether the navigation shows icons alone. */
  collapsed: boolean;
}

/** As in public/theme.js, which applies it before the first paint. */
const KEY = 'appearance';
const DEFAULT: Appearance = { theme: 'system', density: 'comfortable', collapsed: false };

function kept(): Appearance {
  try {
    return { ...DEFAULT, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Appearance>) };
  } catch {
    return DEFAULT;
  }
}

const appearance = new Store<Appearance>(kept());
const dark = globalThis.matchMedia?.('(prefers-color-scheme: dark)');

export function changeAppearance(change: Partial<Appearance>): void {
  const changed = { ...appearance.get(), ...change };
  appearance.set(changed);
  const { dataset } = document.documentElement;
  if (changed.theme === 'system') delete dataset.theme;
  else dataset.theme = changed.theme;
  if (changed.density === 'compact') dataset.density = 'compact';
  else delete dataset.density;
  try {
    localStorage.setItem(KEY, JSON.stringify(changed));
  } catch {
    // No storage: it holds until the page is left.
  }
}

function subscribeDark(listener: () => void) {
  dark?.addEventListener('change', listener);
  return () => dark?.removeEventListener('change', listener);
}

/** What is chosen, and `shownTheme`: what that comes to now. */
export function useAppearance(): Appearance & { shownTheme: 'light' | 'dark' } {
  const chosen = useSyncExternalStore(appearance.subscribe, appearance.get);
  const systemDark = useSyncExternalStore(subscribeDark, () => dark?.matches ?? false);
  const shownTheme = chosen.theme === 'system' ? (systemDark ? 'dark' : 'light') : chosen.theme;
  return { ...chosen, shownTheme };
}
