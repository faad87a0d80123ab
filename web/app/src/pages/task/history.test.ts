import { expect, it } from 'vitest';
import { filterGroups, groupsOf } from './history';
import type { HistoryEntry } from './types';

const entry = (id: number, field: string, version: number, by: string, reason: string | null = null) =>
  ({ id, task_id: 't', field, old_value: null, new_value: 'x', changed_by: by, change_reason: reason, changed_at: '2026-11-30T12:00:00.000Z', version }) satisfies HistoryEntry;

const HISTORY = [entry(1, 'created', 1, 'mail'), entry(2, 'task_status', 1, 'SLA Monitor', 'late'), entry(3, 'priority', 2, 'ana', 'urgent'), entry(4, 'title', 2, 'ana', 'urgent')];

it('what one change did stands together, the newest first', () => {
  expect(groupsOf(HISTORY).map(({ by, entries, reasons }) => [by, entries.length, reasons])).toEqual([
    ['ana', 2, ['urgent']],
    ['SLA Monitor', 1, ['late']],
    ['mail', 1, []],
  ]);
});

it('is filtered by who and by field', () => {
  const groups = groupsOf(HISTORY);
  expect(filterGroups(groups, 'people', '')).toHaveLength(1);
  expect(filterGroups(groups, 'automatic', '')).toHaveLength(2);
  expect(filterGroups(groups, 'all', 'title')[0]!.entries.map(({ field }) => field)).toEqual(['title']);
  expect(filterGroups(groups, 'automatic', 'title')).toEqual([]);
});
