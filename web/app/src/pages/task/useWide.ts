import { useSyncExternalStore } from 'react';

const wide = globalThis.matchMedia?.('(min-width: 1100px)');

/** Whether there is room for two columns. */
export function useWide(): boolean {
  return useSyncExternalStore(
    (listener) => {
      wide?.addEventListener('change', listener);
      return () => wide?.removeEventListener('change', listener);
    },
    () => wide?.matches ?? true,
  );
}
