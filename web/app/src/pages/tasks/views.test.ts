import { expect, it } from 'vitest';
import { accountOf } from './bulk';
import { requestOf } from './CreateTask';
import { fromLocal, toLocal } from '../../data/local';
import { dayEdge, toDay } from './instants';
import { spread } from './rows';
import { builtIn, deleteView, renameView, savedViews, saveView, viewOf } from './views';

it('saves, renames and deletes a view', () => {
  const { id } = saveView('Big ones', new URLSearchParams('min_value=50000&page=3'));
  expect(savedViews.get()).toEqual([{ id, name: 'Big ones', search: 'min_value=50000' }]);
  renameView(id, 'Huge ones');
  expect(viewOf(savedViews.get(), new URLSearchParams('min_value=50000'))?.name).toBe('Huge ones');
  deleteView(id);
  expect(savedViews.get()).toEqual([]);
});

it('knows the built-in view that is shown', () => {
  expect(viewOf(builtIn(''), new URLSearchParams('tag=review'))?.id).toBe('review');
  expect(viewOf(builtIn(''), new URLSearchParams(''))?.id).toBe('all');
  expect(viewOf(builtIn('Ana Ruiz'), new URLSearchParams('open=true&owner=Ana+Ruiz'))?.id).toBe('mine');
  expect(viewOf(builtIn(''), new URLSearchParams('status=RED'))).toBeUndefined();
});

it('writes instants as fields show them, and back', () => {
  const instant = new Date(2026, 10, 30, 14, 5).toISOString();
  expect(toLocal(instant)).toBe('2026-11-30T14:05');
  expect(fromLocal(toLocal(instant))).toBe(instant);
  expect(toDay(dayEdge('2026-11-30', 'from'))).toBe('2026-11-30');
  expect(toDay(dayEdge('2026-11-30', 'to'))).toBe('2026-11-30');
  expect(dayEdge('', 'to')).toBeUndefined();
  expect(fromLocal('31st')).toBeUndefined();
});

it('reads the account of a bulk change', () => {
  expect(accountOf({ matched: 3, done: 2, changed: 1, failed: 1, unchanged: 0, undoes: null })).toEqual({ matched: 3, done: 2, changed: 1, failed: 1, unchanged: 0 });
  expect(accountOf(null)).toBeUndefined();
  expect(accountOf({})).toBeUndefined();
});

it('asks for the pages that have a range of rows', () => {
  expect(spread(0, 40)).toEqual([0]);
  expect(spread(90, 210)).toEqual([0, 1, 2]);
});

it('sends what was written of a new task, and no more', () => {
  const form = { title: ' Pallet ', workflow_category: 'Returns and RMA', task_status: 'RED', priority: 'HIGH', current_owner: '', dollar_value: '$1,200', sla_deadline: '', tags: 'a, ,b', description: '' } as const;
  expect(requestOf(form)).toEqual({ title: 'Pallet', workflow_category: 'Returns and RMA', task_status: 'RED', priority: 'HIGH', dollar_value: 1200, tags: ['a', 'b'] });
});
