import { expect, it } from 'vitest';
import { idsIn, neighboursIn } from './neighbours';

const row = (task_id: string) => ({ task_id });

it('ids are found in pages, endless lists and rows', () => {
  expect(idsIn({ tasks: [row('a'), row('b')] })).toEqual(['a', 'b']);
  expect(idsIn({ pages: [{ tasks: [row('a')] }, { tasks: [row('b')] }], pageParams: [] })).toEqual(['a', 'b']);
  expect(idsIn(undefined)).toEqual([]);
  expect(idsIn({ total: 3 })).toEqual([]);
});

it('the first has nothing before it, the last nothing after', () => {
  expect(neighboursIn(['a', 'b', 'c'], 'a')).toEqual({ previous: undefined, next: 'b', place: 1, of: 3 });
  expect(neighboursIn(['a', 'b', 'c'], 'c')).toEqual({ previous: 'b', next: undefined, place: 3, of: 3 });
  expect(neighboursIn(['a'], 'x')).toBeUndefined();
});
