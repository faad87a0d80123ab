import { describe, expect, it } from 'vitest';
import * as format from './format';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const at = (minutes: number) => NOW + minutes * 60_000;

describe('money', () => {
  it('is exact to the cent', () => {
    expect(format.money(1_478_787.7)).toBe('$1,478,787.70');
    expect(format.money(0)).toBe('$0.00');
  });
  it('is short where there is little room', () => {
    expect(format.moneyCompact(635_900.5)).toBe('$635.9K');
    expect(format.moneyCompact(1_478_787.7)).toBe('$1.5M');
    expect(format.moneyCompact(999.4)).toBe('$999');
    expect(format.moneyCompact(0)).toBe('$0');
  });
});

describe('duration', () => {
  it.each([
    [0, '0ms'],
    [350, '350ms'],
    [12_000, '12s'],
    [249_000, '4m 09s'],
    [11_100_000, '3h 05m'],
    [187_200_000, '2d 4h'],
    [-11_100_000, '3h 05m'],
  ])('of %i ms is %s', (ms, text) => expect(format.duration(ms)).toBe(text));
  it('is said in words', () => {
    expect(format.durationWords(11_100_000)).toBe('3 hours 5 minutes');
    expect(format.durationWords(60_000)).toBe('1 minute');
    expect(format.durationWords(9_000)).toBe('less than a minute');
  });
});

describe('relative time', () => {
  it.each([
    [0, 'just now'],
    [-5, '5 minutes ago'],
    [120, 'in 2 hours'],
    [-60 * 24, 'yesterday'],
    [60 * 24 * 3, 'in 3 days'],
  ])('%i minutes away is %s', (minutes, text) => expect(format.relativeTime(at(minutes), NOW)).toBe(text));
});

describe('dates', () => {
  it('leave out the year only if it is this one', () => {
    expect(format.date('2026-03-05T12:00:00Z', NOW)).toBe('Mar 5');
    expect(format.date('2025-03-05T12:00:00Z', NOW)).toBe('Mar 5, 2025');
  });
  it('are in the zone of the user', () => expect(format.time(NOW)).toBe('13:00'));
});

it('numbers are grouped and shortened', () => {
  expect(format.number(12345.678)).toBe('12,345.68');
  expect(format.numberCompact(12_345)).toBe('12.3K');
  expect(format.percent(58.3)).toBe('58.3%');
  expect(format.bytes(0)).toBe('0 B');
  expect(format.bytes(12_345)).toBe('12.3 kB');
  expect(format.count(1, 'task')).toBe('1 task');
  expect(format.count(1200, 'reply', 'replies')).toBe('1,200 replies');
  expect(format.words('START_POINT')).toBe('Start point');
});
