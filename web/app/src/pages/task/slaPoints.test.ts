import { expect, it } from 'vitest';
import { rowsOf, timelineOf } from './slaPoints';
import type { SlaExplanation, Task } from './types';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const at = (hours: number) => new Date(NOW + hours * 3_600_000).toISOString();
const sla = (more: Partial<SlaExplanation>) =>
  ({ anchor: at(-10), anchor_is: 'received_at', warning_at: at(2), critical_at: at(6), deadline: at(8), escalations: [], pauses: [], first_response_at: null, first_response_due: null, ...more }) as SlaExplanation;
const task = (more: Partial<Task>) => ({ completion_date: null, sla_violated_at: null, ...more }) as Task;

it('an open task in time has its levels up to the deadline', () => {
  const { spans, points } = timelineOf(sla({}), task({}), NOW);
  expect(spans.map(({ level }) => level)).toEqual(['ok', 'warning', 'critical']);
  expect(spans.at(-1)!.to).toBe(NOW + 8 * 3_600_000);
  expect(points.map(({ label, past }) => [label, past])).toEqual([['Received', true], ['Warning', false], ['Critical', false], ['Deadline', false]]);
});

it('what is late is late until now, or until it was completed', () => {
  const late = sla({ warning_at: at(-8), critical_at: at(-6), deadline: at(-4) });
  expect(timelineOf(late, task({}), NOW).spans.at(-1)).toEqual({ level: 'late', from: NOW - 4 * 3_600_000, to: NOW });
  expect(timelineOf(late, task({ completion_date: at(-2) }), NOW).spans.at(-1)!.to).toBe(NOW - 2 * 3_600_000);
});

it('without a deadline there is the time that has passed', () => {
  const { spans, points } = timelineOf(sla({ warning_at: null, critical_at: null, deadline: null }), task({}), NOW);
  expect(spans).toEqual([{ level: 'ok', from: NOW - 10 * 3_600_000, to: NOW }]);
  expect(points).toHaveLength(1);
});

it('a pause that lasts ends now', () => {
  expect(timelineOf(sla({ pauses: [{ from: at(-1), to: null }] }), task({}), NOW).pauses).toEqual([{ level: 'paused', from: NOW - 3_600_000, to: NOW }]);
});

it('labels that would touch go to the next row, or nowhere', () => {
  expect(rowsOf([50, 80, 90, 300], [60, 60, 60, 60], 2)).toEqual([0, 1, -1, 0]);
});
