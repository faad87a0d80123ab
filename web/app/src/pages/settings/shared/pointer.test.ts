import { describe, expect, it } from 'vitest';
import { Problem } from '../../../data/problem';
import { faultAt, faultIn, faultsElsewhere, pointer } from './pointer';

describe('pointers', () => {
  const problem = new Problem(422, {
    errors: [
      { pointer: '/week/mon/0', detail: 'ends before it begins' },
      { pointer: '/week/mon/1', detail: 'overlaps 09:00-12:00' },
      { pointer: '/zone', detail: 'is not a zone' },
    ],
  });

  it('escapes what a name may hold', () => {
    expect(pointer('calendars', 'a/b~c', 'week', 0)).toBe('/calendars/a~1b~0c/week/0');
  });

  it('finds faults at a place and in it', () => {
    expect(faultAt(problem, '/zone')).toBe('Is not a zone.');
    expect(faultAt(problem, '/week')).toBeUndefined();
    expect(faultIn(problem, '/week/mon')).toBe('Ends before it begins. Overlaps 09:00-12:00.');
    expect(faultIn(problem, '/week/mo')).toBeUndefined();
  });

  it('tells what no field shows', () => {
    expect(faultsElsewhere(problem, ['/week'])).toEqual([{ pointer: '/zone', detail: 'is not a zone' }]);
  });
});
