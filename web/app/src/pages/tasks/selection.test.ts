import { expect, it } from 'vitest';
import { isSelected, NONE, select, selectedCount } from './selection';

const ids = ['a', 'b', 'c', 'd'];
const loaded = () => ids;

it('toggles rows, and a range from the last one', () => {
  let chosen = select(NONE, { type: 'toggle', id: 'b', index: 1, loaded });
  chosen = select(chosen, { type: 'range', index: 3, idAt: (index) => ids[index] });
  expect(ids.map((id) => isSelected(chosen, id))).toEqual([false, true, true, true]);
  chosen = select(chosen, { type: 'toggle', id: 'c', index: 2, loaded });
  expect(selectedCount(chosen, 100)).toBe(2);
});

it('passes over rows of a range that were not fetched', () => {
  const chosen = select(NONE, { type: 'range', index: 3, idAt: () => undefined });
  expect(selectedCount(chosen, 100)).toBe(0);
});

it('selects all that match, and keeps the fetched ones when one is taken out', () => {
  const all = select(NONE, { type: 'all' });
  expect(selectedCount(all, 100)).toBe(100);
  const but = select(all, { type: 'toggle', id: 'a', index: 0, loaded });
  expect(isSelected(but, 'a')).toBe(false);
  expect(selectedCount(but, 100)).toBe(3);
  expect(select(but, { type: 'none' })).toBe(NONE);
});
