import { describe, expect, it, vi } from 'vitest';
import { withCard, withHead, withPage } from './cards';
import { scrollSpeed } from './dragging';
import { listAddress, listFilters, passes, viewOf } from './filters';
import { columnOf, columnsOf, comparing, guess, type TaskRow } from './model';
import { changesSince, keptBy } from './sayings';
import { BoardStore } from './store';
import type { BoardApi } from './api';
import { Problem } from '../../data/problem';

const NOW = Date.parse('2026-01-05T12:00:00Z');
const task = (id: string, over: Partial<TaskRow> = {}): TaskRow => ({
  task_id: id,
  title: id,
  workflow_category: 'Quote Processing',
  task_status: 'GREEN',
  workflow_state: 'START_POINT',
  priority: 'NORMAL',
  current_owner: null,
  owner_email: null,
  dollar_value: 10,
  sla_deadline: '2026-01-07T12:00:00Z',
  sla_state: 'ok',
  created_at: '2026-01-05T10:00:00Z',
  updated_at: '2026-01-05T10:00:00Z',
  completion_date: null,
  mailbox_source: null,
  tags: [],
  version: 1,
  ...over,
});
const ids = (cards: readonly TaskRow[]) => cards.map((card) => card.task_id).join('');

describe('the guess of a change', () => {
  it('keeps status and state in agreement', () => {
    const done = guess(task('a'), { task_status: 'COMPLETED', workflow_state: 'COMPLETION' }, NOW);
    expect(done).toMatchObject({ task_status: 'COMPLETED', workflow_state: 'COMPLETION', sla_state: 'met' });
    expect(guess(done, { task_status: 'YELLOW' }, NOW)).toMatchObject({ task_status: 'YELLOW', workflow_state: 'IN_PROGRESS', completion_date: null });
    expect(guess(done, { workflow_state: 'START_POINT' }, NOW)).toMatchObject({ task_status: 'GREEN', workflow_state: 'START_POINT' });
  });
  it('knows that the deadline may be worse', () => {
    expect(guess(task('a', { sla_state: 'violated', task_status: 'RED' }), { task_status: 'GREEN' }, NOW).task_status).toBe('RED');
    expect(guess(task('a', { sla_state: 'warning', task_status: 'YELLOW' }), { task_status: 'GREEN' }, NOW).task_status).toBe('YELLOW');
    expect(guess(task('a', { sla_state: 'warning' }), { task_status: 'RED' }, NOW).task_status).toBe('RED');
  });
  it('says so when the answer is another one', () => {
    expect(keptBy(task('a', { task_status: 'RED', sla_state: 'violated' }), { task_status: 'GREEN' })?.title).toBe('The deadline keeps it red');
    expect(keptBy(task('a'), { task_status: 'GREEN' })).toBeUndefined();
  });
});

it('has a column for each status, state and owner, and open tasks alone with owners', () => {
  expect(columnsOf('status', 'sla_deadline', []).map(({ id }) => id)).toEqual(['RED', 'YELLOW', 'GREEN', 'COMPLETED']);
  expect(columnsOf('state', 'priority', [])[2]?.updates).toEqual({ workflow_state: 'COMPLETION', task_status: 'COMPLETED' });
  expect(columnsOf('owner', 'priority', [{ name: null, email: null }])[0]?.query).toEqual({ open: true, unassigned: true });
  expect(columnOf('owner', task('a', { task_status: 'COMPLETED' }))).toBeUndefined();
});

it('sorts as the API does, absent deadlines last', () => {
  const compare = comparing({ sort: 'sla_deadline', direction: 'asc' });
  const a = task('a', { sla_deadline: '2026-01-05T12:00:00.500Z' });
  const b = task('b', { sla_deadline: '2026-01-05T12:00:00Z' });
  const c = task('c', { sla_deadline: null });
  expect(ids([c, a, b].sort(compare))).toBe('bac');
  expect(ids(withCard([b, c], a, compare))).toBe('bac');
  expect(ids(withPage([b], [a, { ...b, version: 0, title: 'old' }], compare))).toBe('ba');
  expect(ids(withHead([b, a, c], [a], true, () => false, compare))).toBe('ac');
  expect(ids(withHead([b, a, c], [a], false, (id) => id === 'b', compare))).toBe('ba');
});

it('reads the view from the address and makes the list of it', () => {
  const view = viewOf(new URLSearchParams('by=owner&priority=HIGH&priority=X&q= po &due=24h'));
  expect(view).toMatchObject({ by: 'owner', sort: 'sla_deadline', filters: { q: 'po', priority: ['HIGH'], due: '24h' } });
  const list = listFilters(view.filters, NOW);
  expect(list).toEqual({ q: 'po', priority: ['HIGH'], open: true, due_from: '2026-01-05T12:00:00.000Z', due_to: '2026-01-06T12:00:00.000Z' });
  expect(passes(list, task('a', { priority: 'HIGH' }))).toBe(false);
  expect(passes(list, task('a', { priority: 'HIGH', sla_deadline: '2026-01-06T00:00:00Z' }))).toBe(true);
  expect(listAddress({ status: ['RED'], q: 'a b', sort: undefined })).toBe('/tasks?status=RED&q=a+b');
});

it('says what others changed', () => {
  const entry = { id: 1, task_id: 'a', change_reason: null, changed_at: '2026-01-05T12:00:00Z' };
  const history = [
    { ...entry, field: 'title', old_value: 'x', new_value: 'y', changed_by: 'mail', version: 1 },
    { ...entry, field: 'current_owner', old_value: null, new_value: 'Ana Ruiz', changed_by: 'local', version: 2 },
    { ...entry, field: 'task_status', old_value: 'GREEN', new_value: 'RED', changed_by: 'SLA Monitor', version: 3 },
  ];
  expect(changesSince(history, 1)).toEqual([
    'Somebody changed the owner from none to Ana Ruiz.',
    'The SLA monitor changed the status from Green to Red.',
  ]);
});

it('scrolls faster the nearer the edge', () => {
  expect(scrollSpeed(200, 300)).toBe(0);
  expect(scrollSpeed(36, 300)).toBe(-8);
  expect(scrollSpeed(300, 0)).toBe(16);
});

describe('the store', () => {
  const setUp = async (api: Partial<BoardApi>) => {
    const rows: Record<string, TaskRow[]> = { RED: [task('r', { task_status: 'RED' })], GREEN: [task('g')] };
    const whole: BoardApi = {
      list: async ({ status }) => ({ rows: rows[status![0]!] ?? [], next: null, total: rows[status![0]!]?.length ?? 0 }),
      get: async (id) => ({ task: task(id) as never, history: [] }),
      update: async (id) => task(id),
      ...api,
    };
    const store = new BoardStore('status', {}, whole, () => NOW);
    store.setColumns(columnsOf('status', 'sla_deadline', []));
    for (const id of ['RED', 'YELLOW', 'GREEN', 'COMPLETED']) await store.more(id);
    return store;
  };

  it('moves at once, and takes back what is refused', async () => {
    let refuse = (_: unknown) => {};
    const store = await setUp({ update: () => new Promise((_, reject) => (refuse = reject)) });
    const moved = store.change(store.find('g')!, { task_status: 'RED' }, () => undefined);
    expect(store.columnWith('g')).toBe('RED');
    expect(store.column('RED').total).toBe(2);
    expect(store.flags().pending.has('g')).toBe(true);
    // The other's change waits until it is clear what became of this one.
    store.take({ id: 'g', version: 2, at: '2026-01-05T12:00:00Z', updates: { task_status: 'YELLOW' } });
    refuse(new Problem(412, {}));
    await expect(moved).rejects.toThrow();
    expect(store.columnWith('g')).toBe('GREEN');
    await vi.waitFor(() => expect(store.columnWith('g')).toBe('YELLOW'));
    expect(store.flags().fresh.has('g')).toBe(true);
    store.dispose();
  });

  it('leaves what is dragged where it is', async () => {
    const store = await setUp({});
    store.hold('g');
    store.take({ id: 'g', version: 2, at: '2026-01-05T12:00:00Z', updates: { task_status: 'RED' } });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(store.columnWith('g')).toBe('GREEN');
    store.hold(undefined);
    await vi.waitFor(() => expect(store.columnWith('g')).toBe('RED'));
    store.dispose();
  });

  it('does not ask for a task that it does not know when nothing is said that would bring it here', async () => {
    const get = vi.fn(async (id: string) => ({ task: task(id) as never, history: [] }));
    const store = await setUp({ get });
    store.take({ id: 'n', version: 2, at: '2026-01-05T12:00:00Z', updates: { tags: ['vip'], dollar_value: 3 } });
    store.take({ id: 'm', version: 2, at: '2026-01-05T12:00:00Z', updates: { task_status: 'GREEN' } });
    await vi.waitFor(() => expect(store.columnWith('m')).toBe('GREEN'));
    expect(get.mock.calls).toEqual([['m']]);
    store.dispose();
  });

  it('asks for tasks that it does not know, and lets go of deleted ones', async () => {
    const store = await setUp({});
    store.take({ id: 'n', version: 1, at: '2026-01-05T12:00:00Z' });
    await vi.waitFor(() => expect(store.columnWith('n')).toBe('GREEN'));
    store.take({ id: 'n', version: 2, at: '2026-01-05T12:00:00Z', deleted: true });
    await vi.waitFor(() => expect(store.find('n')).toBeUndefined());
    store.dispose();
  });
});
