import { expect, it } from 'vitest';
import { toLocal } from '../../data/local';
import { amountOf, conflicts, foreseen, listOf, same } from './edit';
import type { Task } from './types';

const task = { title: 'a', priority: 'HIGH', manual_status: 'GREEN', task_status: 'RED', tags: ['x'], entities: { po_numbers: ['1'], customers: [] } } as unknown as Task;

it('a change of another field is no conflict, nor one to the same', () => {
  const other = { ...task, title: 'b', version: 2 } as Task;
  expect(conflicts({ priority: 'LOW' as never }, task, other)).toEqual([]);
  expect(conflicts({ title: 'b' }, task, other)).toEqual([]);
  expect(conflicts({ title: 'c', reason: 'why' }, task, other)).toEqual(['title']);
});

it('the status that was set counts, not the one the deadline gives', () => {
  expect(conflicts({ task_status: 'YELLOW' }, task, { ...task, task_status: 'GREEN' })).toEqual([]);
  expect(conflicts({ task_status: 'YELLOW' }, task, { ...task, manual_status: 'RED' })).toEqual(['task_status']);
});

it('a change shows at once', () => {
  expect(foreseen(task, { task_status: 'COMPLETED', reason: 'done' })).toMatchObject({ manual_status: 'COMPLETED', task_status: 'COMPLETED', workflow_state: 'COMPLETION' });
  expect(foreseen(task, { entities: { po_numbers: ['2'] } }).entities).toEqual({ po_numbers: ['2'], customers: [] });
});

it('instants and lists are compared by what they are', () => {
  expect(same('2026-11-30T12:00:00Z', '2026-11-30T12:00:00.000Z')).toBe(true);
  expect(same(['a'], ['a'])).toBe(true);
  expect(same(null, undefined)).toBe(true);
  expect(same(0, null)).toBe(false);
});

it.each([['1,250.50', 1250.5], ['$0', 0], ['1e5', undefined], ['', undefined], ['-1', undefined], ['1.234', undefined]])('%s as an amount', (text, amount) =>
  expect(amountOf(text)).toBe(amount),
);

it('instants are written in the zone of the user', () => {
  expect(toLocal('2026-11-30T12:00:00Z')).toBe('2026-11-30T13:00');
  expect(toLocal(null)).toBe('');
});

it('lists are told by commas and lines', () => expect(listOf(' a, b\nb;;c ')).toEqual(['a', 'b', 'c']));
