import { expect, it } from 'vitest';
import { inDay, openHours, toCalendar, toDraft } from './calendar';

const OFFICE = { zone: 'Europe/Berlin', week: { mon: ['09:00-12:00', '13:00-17:00'], sat: ['18:00-24:00'] }, exceptions: { '2026-12-25': [] } };

it('a calendar comes back as it was', () => {
  expect(toCalendar(toDraft('office', OFFICE))).toEqual(OFFICE);
});

it('counts open hours', () => {
  expect(openHours(OFFICE)).toBeCloseTo(13);
});

it('places spans in a day, as far as they are spans', () => {
  expect(inDay({ from: '06:00', to: '12:00' })).toEqual({ left: 25, width: 25 });
  expect(inDay({ from: '12:00', to: '06:00' })).toBeNull();
  expect(inDay({ from: '', to: '06:00' })).toBeNull();
});
