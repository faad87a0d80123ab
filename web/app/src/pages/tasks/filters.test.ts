import { expect, it } from 'vitest';
import { bulkFilter, chips, queryParams, readQuery, sameList, withFilter } from './filters';

const read = (search: string) => readQuery(new URLSearchParams(search));

it('keeps a drill-down of the API as it is', () => {
  const search = 'open=true&due_from=2026-11-30T15%3A26%3A01.101Z&due_to=2026-11-30T15%3A26%3A01.100999Z';
  const query = read(search);
  expect(query.filter).toEqual({ open: true, due_from: '2026-11-30T15:26:01.101Z', due_to: '2026-11-30T15:26:01.100999Z' });
  expect(sameList(queryParams(query), new URLSearchParams(search))).toBe(true);
});

it('shows the one row that a link to the largest value means', () => {
  const query = read('category=Order+Management&sort=dollar_value&direction=desc&limit=1');
  expect(query).toEqual({ filter: { category: ['Order Management'] }, sort: 'dollar_value', direction: 'desc', most: 1 });
});

it('passes over what the API would refuse', () => {
  expect(read('status=PINK&status=RED&status=RED&open=maybe&min_value=much&due_to=soon&sort=colour&limit=-1&unknown=1')).toEqual({
    filter: { status: ['RED'] },
    sort: 'created_at',
    direction: 'desc',
    most: undefined,
  });
});

it('says the usual order nothing in the address', () => {
  expect(queryParams(read('sort=created_at&direction=desc')).toString()).toBe('');
  expect(queryParams(read('sort=created_at&direction=asc')).toString()).toBe('sort=created_at&direction=asc');
});

it('takes the order of parameters for no difference', () => {
  expect(sameList(new URLSearchParams('open=true&tag=review'), new URLSearchParams('tag=review&open=true'))).toBe(true);
  expect(sameList(new URLSearchParams('tag=review'), new URLSearchParams('tag=review&open=true'))).toBe(false);
});

it('takes filters away with undefined and empty lists', () => {
  const query = read('status=RED&q=pallet&min_value=0');
  expect(withFilter(query, { status: [], q: undefined }).filter).toEqual({ min_value: 0 });
});

it('says each filter in words, ranges as one', () => {
  const said = chips(read('status=RED&status=YELLOW&sla_state=ok&min_value=0&max_value=1000&completed_in_time=false&q=PO'));
  expect(said.map(({ label, value }) => `${label}: ${value}`)).toEqual([
    'Search: PO',
    'Status: Red, Yellow',
    'SLA: OK',
    'Value: $0 – $1,000',
    'Completed: Late',
  ]);
  expect(chips(read('owner=A&owner=B&owner=C&owner=D'))[0]?.value).toBe('A, B and 2 more');
});

it('gives a bulk change of everything the condition that the API asks for', () => {
  expect(bulkFilter({ open: true })).toEqual({ open: true });
  expect(Object.keys(bulkFilter({}))).toEqual(['created_from']);
});
