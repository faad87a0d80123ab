import { useMemo, useSyncExternalStore } from 'react';
import { inbox, wanted } from './inbox';
import type { Notice } from './notice';
import { preferences } from './preferences';
import { isRead, read } from './readState';

export type Listed = Notice & { unread: boolean; missed: boolean };

/** The notices that this browser wants to see, the newest first. */
export function useNotices() {
  const { notices, missed, state, problem } = useSyncExternalStore(inbox.subscribe, inbox.get);
  const wishes = useSyncExternalStore(preferences.subscribe, preferences.get);
  const readSoFar = useSyncExternalStore(read.subscribe, read.get);
  return useMemo(() => {
    const all: Listed[] = wanted(notices, wishes).map((notice) => ({
      ...notice,
      unread: !isRead(readSoFar, notice.id),
      missed: missed.has(notice.id),
    }));
    return { all, unread: all.filter((notice) => notice.unread).length, state, problem };
  }, [notices, missed, wishes, readSoFar, state, problem]);
}

export function usePreferences() {
  return useSyncExternalStore(preferences.subscribe, preferences.get);
}
