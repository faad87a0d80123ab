import type { QueryClient } from '@tanstack/react-query';
import { WorkflowClient, type Handler, type Pattern, type StateEvents } from '@workflow-intelligence/client';
import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import { followEvents } from './cache';
import { access, askSession } from './session';
import { Store } from './store';

/** `live`: events flow. `reconnecting`: what is shown may be out of date. `offline`: this device has no network. */
export type Connection = 'connecting' | 'live' | 'reconnecting' | 'offline';

const connection = new Store<Connection>('connecting');
let client: WorkflowClient | undefined;

/** Connects the page to the events, for as long as it is shown to somebody the server knows. */
export function startLive(queries: QueryClient): void {
  window.addEventListener('offline', () => connection.set('offline'));
  window.addEventListener('online', () => {
    if (connection.get() === 'offline') connection.set('reconnecting');
  });
  let stop: (() => void) | undefined;
  const follow = () => {
    if (access.get().state === 'open') stop ??= connect(queries);
    else {
      stop?.();
      stop = undefined;
    }
  };
  access.subscribe(follow);
  follow();
}

function connect(queries: QueryClient): () => void {
  const started = new WorkflowClient('/ws');
  client = started;
  connection.set('connecting');
  const unfollow = followEvents(started, queries);
  let wasLive = false;
  started.on('online', (online) => {
    wasLive ||= online;
    if (online) connection.set('live');
    else connection.set(!navigator.onLine ? 'offline' : wasLive ? 'reconnecting' : 'connecting');
    // It may not have answered when the page was opened.
    if (online && !access.get().session) void askSession();
  });
  // A first attempt that fails is a connection lost as well.
  started.on('closed', ({ retryIn }) => {
    if (retryIn === null) return;
    connection.set(navigator.onLine ? 'reconnecting' : 'offline');
    // Browsers do not say that a socket was refused, so whether it is any use to go on has to be asked.
    if (access.get().session?.authentication === 'required') void askSession();
  });
  return () => {
    started.close();
    unfollow();
    client = undefined;
  };
}

/** Whether events flow. */
export function useConnection(): Connection {
  return useSyncExternalStore(connection.subscribe, connection.get);
}

/** Calls the newest handler with each event of this name or pattern, for as long as the component is there. */
export function useServerEvent<P extends Pattern | keyof StateEvents>(pattern: P, handler: Handler<P>): void {
  const call = useEffectEvent(handler);
  useEffect(() => client?.on(pattern, ((data, frame) => call(data, frame)) as Handler<P>), [pattern]);
}

/** Milliseconds since 1970 by the server's clock. */
export function serverNow(): number {
  return client?.serverNow() ?? Date.now();
}

/** The newest event that came, or that there was when the connection was opened; none before that. */
export function cursor(): string | undefined {
  return client?.cursor;
}
