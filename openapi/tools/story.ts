// A task's life through the generated TypeScript types: WORKFLOW_URL names the server.
import createClient from 'openapi-fetch';
import type { components, paths } from './clients/openapi-typescript/schema';

function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`not so: ${what}`);
}

const client = createClient<paths>({ baseUrl: process.env.WORKFLOW_URL ?? '' });
const tag = `story-${process.pid}`;

const created = await client.POST('/api/workflow/create', {
  params: { header: { 'Idempotency-Key': tag, Prefer: 'wait=20' } },
  body: { title: 'Expedite PO 4500017731', workflow_category: 'Order Management', dollar_value: 54321.5, tags: [tag] },
});
check(created.response.status === 201 && created.data !== undefined && 'task' in created.data, 'created');
const { task } = created.data;
check(task.version === 1 && task.dollar_value === 54321.5 && task.current_owner === null, 'the task as sent');

const update = { params: { path: { task_id: task.task_id }, header: { 'If-Match': '"1"', Prefer: 'wait=20' } } };
const updated = await client.PUT('/api/workflow/update/{task_id}', {
  ...update,
  body: { current_owner: 'Ana Ruiz', description: null, reason: 'taken over' },
});
check(updated.data !== undefined && 'task' in updated.data && updated.data.task.version === 2, 'updated');
const stale = await client.PUT('/api/workflow/update/{task_id}', { ...update, body: { priority: 'HIGH' } });
check(stale.response.status === 412 && stale.error?.status === 412, 'a stale version is a problem with its status');
const wrong = await client.PUT('/api/workflow/update/{task_id}', {
  params: { path: { task_id: task.task_id } },
  body: { dollar_value: 0.001 },
});
check(wrong.error?.errors?.[0]?.pointer === '/dollar_value', 'a wrong value is named');

const list = async () => {
  const page = await client.GET('/api/workflow/list', { params: { query: { tag: [tag], status: ['GREEN', 'RED'] } } });
  check(page.data !== undefined, 'listed');
  return page.data.tasks;
};
const listed = await list();
check(listed.length === 1 && listed[0]?.current_owner === 'Ana Ruiz', 'the list has it');

const read = await client.GET('/api/workflow/get/{task_id}', { params: { path: { task_id: task.task_id } } });
check(read.data?.history.some((entry) => entry.field === 'current_owner') === true, 'its history says so');

const removed = await client.DELETE('/api/workflow/delete/{task_id}', {
  params: { path: { task_id: task.task_id }, header: { Prefer: 'wait=20' } },
});
check(removed.response.status === 200 && (await list()).length === 0, 'deleted, and off the list');

// The union narrows by `event`, so that `data` is typed.
const mine: string[] = [];
const note = (event: components['schemas']['EventEnvelope']) => {
  if (event.event === 'workflow:task:created' && event.data.taskId === task.task_id) mine.push(event.data.title);
  if (event.event === 'workflow:task:deleted' && event.data.taskId === task.task_id) mine.push(event.data.changedBy);
};
for (let attempt = 0; attempt < 100 && mine.length < 2; attempt += 1) {
  mine.length = 0;
  const events = await client.GET('/api/workflow/events', {
    params: { query: { event: ['workflow:task:*'], limit: 1000 } },
  });
  events.data?.events.forEach(note);
}
check(mine.join() === 'Expedite PO 4500017731,local', 'its events can be read again');
console.log('create, update, list, delete, events: as documented');
