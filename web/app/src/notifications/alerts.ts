import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Frames } from '@workflow-intelligence/client';
import { useSyncExternalStore } from 'react';
import { http, unwrap } from '../data/http';
import { useServerEvent } from '../data/live';
import { Store } from '../data/store';

/** Something that a person should know of. */
export interface Alert {
  /** Of the event, growing. */
  id: string;
  taskId: string;
  kind: 'critical' | 'violated' | 'warning' | 'escalated';
  title: string;
  at: string;
}

type AlertName = 'workflow:critical:alert' | 'workflow:sla:violated' | 'workflow:sla:warning' | 'workflow:sla:escalated';
type AlertFrame = Frames[AlertName];

const NAMES: readonly AlertName[] = ['workflow:critical:alert', 'workflow:sla:violated', 'workflow:sla:warning', 'workflow:sla:escalated'];
/** Alerts kept. */
const KEPT = 50;
const SEEN = 'alerts-seen';
const KEY = ['events', 'alerts'] as const;

function isAlert(frame: { event: string }): frame is AlertFrame {
  return NAMES.some((name) => name === frame.event);
}

function toAlert(frame: AlertFrame): Alert {
  const { id, timestamp: at, data } = frame;
  const { taskId } = data;
  switch (frame.event) {
    case 'workflow:critical:alert':
      return { id, at, taskId, kind: 'critical', title: frame.data.message };
    case 'workflow:sla:violated':
      return { id, at, taskId, kind: 'violated', title: frame.data.title };
    case 'workflow:sla:warning':
      return { id, at, taskId, kind: 'warning', title: frame.data.title };
    case 'workflow:sla:escalated':
      return { id, at, taskId, kind: 'escalated', title: frame.data.title };
  }
}

function keptSeen(): string {
  try {
    return localStorage.getItem(SEEN) ?? '0';
  } catch {
    return '0';
  }
}

const seen = new Store<string>(keptSeen());

/** Everything up to this event has been looked at. */
export function markSeen(id: string): void {
  if (BigInt(id) <= BigInt(seen.get())) return;
  seen.set(id);
  try {
    localStorage.setItem(SEEN, id);
  } catch {
    // No storage: it holds until the page is left.
  }
}

/** All kept alerts, oldest first on the wire, the last of them newest first here. */
async function recent(signal: AbortSignal): Promise<Alert[]> {
  const found: Alert[] = [];
  for (let after = 0; ; ) {
    const { events, next } = await unwrap(
      http.GET('/api/workflow/events', { params: { query: { event: [...NAMES], after, limit: 1000 } }, signal }),
    );
    for (const event of events as unknown as { event: string }[]) if (isAlert(event)) found.push(toAlert(event));
    if (events.length < 1000) return found.slice(-KEPT).reverse();
    after = Number(next);
  }
}

/** Recent alerts, newest first, and how many of them nobody has looked at. */
export function useAlerts() {
  const queries = useQueryClient();
  const seenId = useSyncExternalStore(seen.subscribe, seen.get);
  const query = useQuery({ queryKey: KEY, queryFn: ({ signal }) => recent(signal), staleTime: Infinity });
  const add = (frame: AlertFrame) =>
    queries.setQueryData<Alert[]>(KEY, (old) =>
      !old || old.some(({ id }) => id === frame.id) ? old : [toAlert(frame), ...old].slice(0, KEPT),
    );
  useServerEvent('workflow:critical:alert', (_, frame) => add(frame));
  useServerEvent('workflow:sla:*', (_, frame) => add(frame));
  const alerts = query.data ?? [];
  return { ...query, alerts, unread: alerts.filter(({ id }) => BigInt(id) > BigInt(seenId)).length };
}
