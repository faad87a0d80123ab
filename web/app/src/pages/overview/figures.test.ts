import { describe, expect, it } from 'vitest';
import { categorySort } from './Categories';
import { breaches, dayStart, instants, keptSince, linksOf, listAddress, ownerKey, periodStart, sorted, spanAddress, totals, type Analytics, type Metrics } from './figures';
import { toLocal } from '../../data/local';

const NOW = Date.parse('2026-11-30T12:34:56Z');
const at = (text: string) => Date.parse(text);

describe('the list behind a figure', () => {
  it('is the page of tasks with the same filters', () => {
    expect(listAddress('/api/workflow/list?category=Order+Management&status=RED')).toBe('/tasks?category=Order+Management&status=RED');
    expect(listAddress('/api/workflow/list')).toBe('/tasks');
    expect(listAddress(undefined)).toBeUndefined();
  });
  it('takes an order if it has none, and no list of one', () => {
    expect(listAddress('/api/workflow/list?status=RED', { sort: 'dollar_value', direction: 'desc' })).toBe('/tasks?status=RED&sort=dollar_value&direction=desc');
    expect(listAddress('/api/workflow/list?sort=sla_deadline&direction=asc&limit=1', { sort: 'x', direction: 'desc' })).toBe('/tasks?sort=sla_deadline&direction=asc');
  });
  it('of a whole period reaches from the first step to the end of the last', () => {
    const step = (from: string, to: string) => ({ new_tasks: `/api/workflow/list?created_from=${from}&created_to=${to}&open=true` });
    expect(spanAddress([step('a', 'b'), step('c', 'd'), step('e', 'f')], 'new_tasks')).toBe('/tasks?created_from=a&created_to=f&open=true');
    expect(spanAddress([], 'new_tasks')).toBeUndefined();
    expect(spanAddress(undefined, 'new_tasks')).toBeUndefined();
  });
  it('is found by name, whatever order the rows come in', () => {
    const ana = { current_owner: 'Ana', owner_email: null };
    const other = { current_owner: 'Ana', owner_email: 'ana@example.com' };
    const links = linksOf({
      categories: [{ workflow_category: 'General Support' }, { workflow_category: 'Order Management' }],
      owners: [ana, other],
      links: { executive: {}, real_time: {}, categories: [{ red_count: 'general' }, { red_count: 'order' }], owners: [{ total: 'one' }, { total: 'two' }] },
    } as unknown as Metrics);
    expect(links?.categories.get('Order Management')).toEqual({ red_count: 'order' });
    expect(links?.owners.get(ownerKey(other))).toEqual({ total: 'two' });
    expect(ownerKey(ana)).not.toBe(ownerKey(other));
  });
});

describe('what the figures are compared with', () => {
  it('begins on the hour', () => {
    expect(periodStart('day', NOW)).toBe(at('2026-11-29T12:00:00Z'));
    expect(periodStart('month', NOW)).toBe(at('2026-10-31T12:00:00Z'));
  });
  it('is the whole period where it is kept', () => {
    const week = instants('week', NOW, undefined);
    expect(week).toHaveLength(7);
    expect(week[0]).toBe(at('2026-11-23T12:00:00Z'));
    expect(week).toEqual([...week].sort((a, b) => a - b));
    expect(week.at(-1)!).toBeLessThan(NOW);
  });
  it('is what is kept of it, and nothing if that is short', () => {
    const kept = at('2026-11-30T08:10:20.500Z');
    expect(instants('day', NOW, kept)[0]).toBe(at('2026-11-30T08:10:21Z'));
    expect(instants('day', NOW, at('2026-11-30T12:00:00Z'))).toEqual([]);
  });
  it('knows since when from the refusal', () => {
    expect(keptSince('query/as_of: the past is kept from 2026-11-30T15:23:38.580Z on')).toBe(at('2026-11-30T15:23:38.580Z'));
    expect(keptSince('query/as_of: is yet to come')).toBeUndefined();
  });
});

describe('the series', () => {
  const analytics = (period: 'day' | 'week'): Analytics => ({
    period,
    trends: [
      { bucket: '2026-11-28T23:00:00Z', new_tasks: 3, completed_tasks: 1, red_tasks: 0, value: 0, avg_value: null },
      { bucket: '2026-11-29T23:00:00Z', new_tasks: 4, completed_tasks: 5, red_tasks: 1, value: 0, avg_value: null },
    ],
    completion_rates: [],
    sla_performance: [
      { date: '2026-11-29', total_slas: 4, met_slas: 1, missed_slas: 2, violated_slas: 1, pending_slas: 0 },
      { date: '2026-11-30', total_slas: 3, met_slas: 0, missed_slas: 0, violated_slas: 2, pending_slas: 1 },
    ],
  });
  it('sums up', () => expect(totals(analytics('week'))).toEqual({ created: 7, completed: 6, late: 2, overdue: 3 }));
  it('puts deadlines by day to the days of the viewer', () => {
    expect(dayStart('2026-11-30') * 1000).toBe(at('2026-11-29T23:00:00Z'));
    expect(breaches(analytics('week'))).toEqual([3, 2]);
    expect(breaches(analytics('day'))).toEqual([null, null]);
  });
});

it('sorts with what is absent last, both ways', () => {
  const rows = [{ n: 2 }, { n: null }, { n: 10 }];
  expect(sorted(rows, 'n', 'desc').map(({ n }) => n)).toEqual([10, 2, null]);
  expect(sorted(rows, 'n', 'asc').map(({ n }) => n)).toEqual([2, 10, null]);
});

it('reads the order of the categories from the address', () => {
  expect(categorySort('-red_count')).toEqual({ key: 'red_count', direction: 'desc' });
  expect(categorySort('efficiency_score')).toEqual({ key: 'efficiency_score', direction: 'asc' });
  expect(categorySort('nonsense')).toEqual({ key: 'value_at_risk', direction: 'desc' });
  expect(categorySort(null)).toEqual({ key: 'value_at_risk', direction: 'desc' });
});

it('writes an instant as the picker of the browser has it', () => expect(toLocal(at('2026-11-12T13:05:59Z'))).toBe('2026-11-12T14:05'));
