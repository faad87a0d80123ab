import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { patchTask } from './cache';
import { Throttle } from './throttle';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('fifty calls a second come to one a second, the last of them included', () => {
  const throttle = new Throttle(1000);
  const calls: number[] = [];
  for (let i = 0; i < 100; i++) {
    throttle.run('tasks', () => calls.push(i));
    vi.advanceTimersByTime(20);
  }
  vi.advanceTimersByTime(2000);
  expect(calls[0]).toBe(0);
  expect(calls.at(-1)).toBe(99);
  expect(calls.length).toBe(3);
});

it('keys do not wait for one another', () => {
  const throttle = new Throttle(1000);
  const call = vi.fn();
  throttle.run('tasks', call);
  throttle.run('metrics', call);
  expect(call).toHaveBeenCalledTimes(2);
});

it('an update changes the row in pages and in lists, unless they know better', () => {
  const queries = new QueryClient();
  const row = { task_id: 'a', title: 'old', version: 3 };
  queries.setQueryData(['tasks', 'list'], { tasks: [row] });
  queries.setQueryData(['tasks', 'endless'], { pages: [{ tasks: [row] }], pageParams: [null] });
  queries.setQueryData(['tasks', 'newer'], { tasks: [{ ...row, version: 9 }] });
  patchTask(queries, { taskId: 'a', version: 4, updates: { title: 'new' } });
  expect(queries.getQueryData(['tasks', 'list'])).toEqual({ tasks: [{ ...row, title: 'new', version: 4 }] });
  expect(queries.getQueryData(['tasks', 'endless'])).toMatchObject({ pages: [{ tasks: [{ title: 'new' }] }] });
  expect(queries.getQueryData(['tasks', 'newer'])).toMatchObject({ tasks: [{ title: 'old' }] });
});

it('an update of a task that no list shows is no news', () => {
  const queries = new QueryClient();
  queries.setQueryData(['tasks', 'list'], { tasks: [{ task_id: 'a', version: 3 }] }, { updatedAt: 1 });
  queries.setQueryData(['tasks', 'head'], { total: 1 }, { updatedAt: 1 });
  patchTask(queries, { taskId: 'b', version: 4, updates: { title: 'new' } });
  for (const key of ['list', 'head']) expect(queries.getQueryState(['tasks', key])?.dataUpdatedAt).toBe(1);
});
