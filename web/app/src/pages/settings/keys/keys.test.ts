import { expect, it } from 'vitest';
import { daysFrom, endOf } from './expiry';
import { ordered, stateOf, type Key } from './keys';

it('a key is good to the end of its last day, where whoever makes it is', () => {
  expect(endOf('2026-11-30')).toBe('2026-11-30T23:00:00.000Z');
  // The night that is an hour shorter.
  expect(endOf('2026-03-28')).toBe('2026-03-28T23:00:00.000Z');
  expect(endOf('2026-03-29')).toBe('2026-03-29T22:00:00.000Z');
  for (const none of ['', '2026-02-30', 'tomorrow', '2026-13-01']) expect(endOf(none), none).toBeUndefined();
});

it('days are those of the calendar here', () => {
  expect(daysFrom(Date.parse('2026-11-30T23:30:00Z'), 0)).toBe('2026-12-01');
  expect(daysFrom(Date.parse('2026-11-30T12:00:00Z'), 90)).toBe('2027-02-28');
});

it('keys that open something come first, otherwise as they were', () => {
  const keys = ['revoked', 'active', 'expired', 'active'].map((state, at) => ({ id: String(at), state }) as Key);
  expect(ordered(keys).map(({ id }) => id)).toEqual(['1', '3', '0', '2']);
  expect(stateOf({ state: 'unheard of' })).toBe('revoked');
});
