import type { HistoryEntry } from './types';

/** What one change did: entries of one version by one person. */
export interface HistoryGroup {
  key: string;
  by: string;
  at: string;
  version: number;
  reasons: string[];
  entries: HistoryEntry[];
}

/** Changes, the newest first. */
export function groupsOf(history: readonly HistoryEntry[]): HistoryGroup[] {
  const groups: HistoryGroup[] = [];
  for (const entry of history) {
    const last = groups.at(-1);
    const close = last && Math.abs(Date.parse(entry.changed_at) - Date.parse(last.at)) < 1000;
    if (last && close && last.version === entry.version && last.by === entry.changed_by) last.entries.push(entry);
    else groups.push({ key: `${entry.id}-${entry.version}-${entry.field}`, by: entry.changed_by, at: entry.changed_at, version: entry.version, reasons: [], entries: [entry] });
    const group = groups.at(-1)!;
    if (entry.change_reason && !group.reasons.includes(entry.change_reason)) group.reasons.push(entry.change_reason);
  }
  return groups.reverse();
}

export type HistoryFilter = 'all' | 'people' | 'automatic';

const MACHINES = new Set(['mail', 'SLA Monitor', 'Assignment']);

/** Groups by who made them; `mail`, the monitor and the assignment are no people. */
export function filterGroups(groups: readonly HistoryGroup[], filter: HistoryFilter, field: string): HistoryGroup[] {
  return groups
    .filter(({ by }) => filter === 'all' || MACHINES.has(by) === (filter === 'automatic'))
    .map((group) => (field === '' ? group : { ...group, entries: group.entries.filter((entry) => entry.field === field) }))
    .filter(({ entries }) => entries.length > 0);
}
