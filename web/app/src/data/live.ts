import type { QueryClient } from '@tanstack/react-query';
import { WorkflowClient, type Handler, type Pattern, type StateEvents } from '@workflow-intelligence/client';
import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import { followEvents } from './cache';
import { Store } from './store';

/** `live`: events flow. `reconnecting`: what is shown may be out of date. `offline`: this device has no network. */
export type Connection = 'connecting' | 'live' | 'reconnecting' | 'offline';

const connection = new Store<Connection>('connecting');
let client: WorkflowClient | undefined;

/** Connects the page to the events; once, when it starts. */
export function startLive(queries: QueryClient): WorkflowClient {
  const started = new WorkflowClient('/ws');
  client = started;
  followEvents(started, queries);
  let wasLive = false;
  const tell = (online: boolean) => {
    wasLive ||= online;
    if (online) connection.set('live');
    else connection.set(!navigator.onLine ? 'offline' : wasLive ? 'reconnecting' : 'connecting');
  };
  started.on('online', tell);
  // A first attempt that fails is a connection lost as well.
  started.on('closed', () => connection.set(navigator.onLine ? 'reconnecting' : 'offline'));
  window.addEventListener('offline', () => connection.set('offline'));
  window.addEventListener('online', () => {
    if (connection.get() === 'offline') connection.set('reconnecting');
  });
  return started;
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
