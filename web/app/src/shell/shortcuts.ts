import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import { useMay, type Needs } from '../data/session';
import { Store } from '../data/store';

export interface Shortcut {
  /** `mod+k`, `?`, or keys one after the other: `g b`. */
  keys: string;
  /** What it does, for the help sheet. */
  label: string;
  /** Heading in the help sheet. */
  group: string;
  run: () => void;
}

const registered = new Store<readonly Shortcut[]>([]);

/** Milliseconds within which the second key has to come. */
const SEQUENCE = 1200;
let first: { key: string; at: number } | undefined;

/** Whether keys are text here. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function onKeyDown(event: KeyboardEvent) {
  if (event.defaultPrevented || event.repeat || event.isComposing || event.altKey) return;
  const mod = event.ctrlKey || event.metaKey;
  // A modal dialog or a menu has keys of its own.
  if (!mod && (isTyping(event.target) || document.querySelector('dialog[open], [popover=auto]:popover-open'))) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const sequence = first && event.timeStamp - first.at < SEQUENCE ? `${first.key} ${key}` : undefined;
  const all = registered.get();
  const find = (keys: string | undefined) => all.findLast((shortcut) => shortcut.keys === keys);
  const found = mod ? find(`mod+${key}`) : (find(sequence) ?? find(key));
  first = undefined;
  if (found) {
    event.preventDefault();
    found.run();
  } else if (!mod && all.some((shortcut) => shortcut.keys.startsWith(`${key} `))) {
    first = { key, at: event.timeStamp };
  }
}

globalThis.addEventListener?.('keydown', onKeyDown);

/** Has keys do something for as long as the component is there, and whoever looks may do it; the help sheet lists them. */
export function useShortcut(keys: string, label: string, run: () => void, group = 'This page', needs?: Needs): void {
  const call = useEffectEvent(run);
  const allowed = useMay(needs);
  useEffect(() => {
    if (!allowed) return;
    const shortcut: Shortcut = { keys, label, group, run: () => call() };
    registered.set([...registered.get(), shortcut]);
    return () => registered.set(registered.get().filter((other) => other !== shortcut));
  }, [keys, label, group, allowed]);
}

export function useShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(registered.subscribe, registered.get);
}
