import { useSyncExternalStore } from 'react';
import { serverNow } from './live';

/** One timer for all countdowns of the page. It stands still while nobody looks. */
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let second = 0;

function tick() {
  const now = Math.floor(serverNow() / 1000);
  if (now === second) return;
  second = now;
  for (const listener of [...listeners]) listener();
}

function run() {
  const wanted = listeners.size > 0 && document.visibilityState === 'visible';
  if (wanted && timer === undefined) {
    timer = setInterval(tick, 1000);
    tick();
  } else if (!wanted && timer !== undefined) {
    clearInterval(timer);
    timer = undefined;
  }
}

globalThis.document?.addEventListener('visibilitychange', run);

function subscribe(listener: () => void) {
  listeners.add(listener);
  run();
  return () => {
    listeners.delete(listener);
    run();
  };
}

/**
 * Milliseconds since 1970 by the server's clock, in steps. A component that shows minutes asks for steps of 60 and is
 * rendered once a minute.
 */
export function useNow(stepSeconds = 1): number {
  return useSyncExternalStore(subscribe, () => {
    if (second === 0) second = Math.floor(serverNow() / 1000);
    return Math.floor(second / stepSeconds) * stepSeconds * 1000;
  });
}
