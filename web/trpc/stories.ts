// The stories that both versions of the client tell, over each kind of link, about a product at WORKFLOW_URL.
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { components } from '@workflow-intelligence/client';
import type {
  AnalyticsInput,
  ErrorShape,
  ListInput,
  Mutated,
  TaskInput,
  UpdateInput,
} from '@workflow-intelligence/trpc';

type Schemas = components['schemas'];
interface Query<Input, Output> {
  query(input: Input): Promise<Output>;
}
interface Mutation<Input, Output> {
  mutate(input: Input): Promise<Output>;
}

/** What the stories need of a client: the types of both versions fit. */
export interface Trpc {
  workflow: {
    list: Query<ListInput | undefined, Schemas['TaskList']>;
    get: Query<TaskInput, Schemas['TaskWithHistory']>;
    metrics: Query<undefined, Schemas['Metrics']>;
    analytics: Query<AnalyticsInput | undefined, Schemas['Analytics']>;
    create: Mutation<Schemas['CreateTaskRequest'], Mutated>;
    update: Mutation<UpdateInput, Mutated>;
    delete: Mutation<TaskInput, Schemas['AcceptedJob']>;
  };
}

/** An error as the client throws it. */
export interface Thrown extends Error {
  shape: ErrorShape;
  data: ErrorShape['data'];
  meta: { response: Response };
}

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests by \`cargo xtask web\``);
  return value;
}

/** Base address of the procedures. */
export const url = `${variable('WORKFLOW_URL')}/api`;

/** Gives a task the id that the first contract speaks of. */
export function rename(from: string, to: string): void {
  const statement = `UPDATE workflow_tasks SET task_id = '${to}' WHERE task_id = '${from}'`;
  execFileSync('sqlite3', ['-cmd', '.timeout 10000', variable('WORKFLOW_DATABASE'), statement]);
}

/** The error of a call that fails. */
export async function thrown(call: Promise<unknown>): Promise<Thrown> {
  return call.then(
    (answer) => expect.fail(`an answer: ${JSON.stringify(answer)}`),
    (error: Thrown) => error,
  );
}

let made = 0;

/** A task of its own for each story. */
export async function create(trpc: Trpc, more: Partial<Schemas['CreateTaskRequest']> = {}): Promise<Schemas['Task']> {
  const title = `Story ${(made += 1)} of ${process.pid}`;
  const { task } = await trpc.workflow.create.mutate({ title, workflow_category: 'Quote Processing', ...more });
  return task ?? expect.fail('the task was not created in time');
}

/** `link` makes a client with that kind of link. */
export function stories(ErrorClass: new (...args: any[]) => Error, link: Record<'single' | 'batch', Trpc>): void {
  describe.each(Object.entries(link))('over a %s link', (kind, trpc) => {
    const { workflow } = trpc;

    test('all seven procedures answer as REST does', async () => {
      const owner = `owner of ${kind} ${process.pid}`;
      const task = await create(trpc, { task_status: 'RED', current_owner: owner, dollar_value: 1250.5 });
      expect(task).toMatchObject({ task_status: 'RED', dollar_value: 1250.5, version: 1 });

      const filter = { owner, status: ['RED', 'YELLOW'], category: 'Quote Processing' } as const;
      const list = await workflow.list.query({ filter, pagination: { page: 1, limit: 50 } });
      expect(list.tasks.map(({ task_id }) => task_id)).toEqual([task.task_id]);
      expect(list.pagination).toMatchObject({ page: 1, limit: 50, total: 1 });
      expect((await workflow.list.query(undefined)).tasks.length).toBeGreaterThan(0);

      const metrics = await workflow.metrics.query(undefined);
      expect(metrics.red_tasks).toBeGreaterThanOrEqual(1);
      expect(metrics.owners.map(({ current_owner }) => current_owner)).toContain(owner);
      const analytics = await workflow.analytics.query({ period: 'week' });
      expect([analytics.period, analytics.trends.length]).toEqual(['week', 7]);

      const { task: updated } = await workflow.update.mutate({
        taskId: task.task_id,
        updates: { task_status: 'YELLOW', current_owner: null },
      });
      expect(updated).toMatchObject({ task_status: 'YELLOW', current_owner: null, version: 2 });
      const read = await workflow.get.query({ taskId: task.task_id });
      expect(read.task).toEqual(updated);
      expect(read.history.map(({ field }) => field)).toContain('current_owner');

      expect((await workflow.delete.mutate({ taskId: task.task_id })).task_id).toBe(task.task_id);
      expect((await thrown(workflow.get.query({ taskId: task.task_id }))).data.code).toBe('NOT_FOUND');
    });

    const nobody = { taskId: 'TASK-0-nobody' };
    const call = (path: string, verb: 'query' | 'mutate', input?: unknown): Promise<unknown> =>
      path.split('.').reduce((at: any, name) => at[name], trpc)[verb](input);
    test.each([
      ['workflow.get', 'query', nobody, 404, 'NOT_FOUND', -32004],
      ['workflow.update', 'mutate', { ...nobody, updates: { title: 'x' } }, 404, 'NOT_FOUND', -32004],
      ['workflow.delete', 'mutate', nobody, 404, 'NOT_FOUND', -32004],
      ['workflow.nothing', 'query', undefined, 404, 'NOT_FOUND', -32004],
      ['workflow.nothing', 'mutate', {}, 404, 'NOT_FOUND', -32004],
      ['workflow.create', 'query', { title: 'x' }, 405, 'METHOD_NOT_SUPPORTED', -32005],
      ['workflow.list', 'mutate', {}, 405, 'METHOD_NOT_SUPPORTED', -32005],
      ['workflow.update', 'mutate', { taskId: 'x', updates: {} }, 400, 'BAD_REQUEST', -32600],
      ['workflow.get', 'query', undefined, 422, 'UNPROCESSABLE_CONTENT', -32022],
      ['workflow.create', 'mutate', { title: 'x', workflow_category: 'Nothing' }, 422, 'UNPROCESSABLE_CONTENT', -32022],
      ['workflow.list', 'query', [], 422, 'UNPROCESSABLE_CONTENT', -32022],
      ['workflow.create', 'mutate', { title: 'x'.repeat(1 << 20) }, 413, 'PAYLOAD_TOO_LARGE', -32013],
    ] as const)('%s by %s: refused as it should be (%#)', async (path, verb, input, status, code, number) => {
      const error = await thrown(call(path, verb, input));
      expect(error).toBeInstanceOf(ErrorClass);
      expect(error.message).not.toBe('');
      expect(error.shape.code).toBe(number);
      expect(error.data).toMatchObject({ code, httpStatus: status, path });
      expect(error.meta.response.status).toBe(status);
    });

    test('an error names the field that is wrong', async () => {
      const error = await thrown(call('workflow.list', 'query', { filter: { colour: 'RED' } }));
      expect(error.message).toBe('/filter/colour: is not a known field');
      expect(error.data.errors).toEqual([{ pointer: '/filter/colour', detail: 'is not a known field' }]);
    });
  });

  test('calls of one batch succeed and fail each for itself', async () => {
    const { workflow } = link.batch;
    const { task_id: taskId } = await create(link.batch);
    const [good, missing, malformed, list] = await Promise.allSettled([
      workflow.get.query({ taskId }),
      workflow.get.query({ taskId: 'TASK-0-nobody' }),
      workflow.analytics.query({ period: 'century' as never }),
      workflow.list.query({ pagination: { limit: 1 } }),
    ]);
    expect(good).toMatchObject({ value: { task: { task_id: taskId } } });
    expect(missing).toMatchObject({ reason: { data: { code: 'NOT_FOUND', path: 'workflow.get' } } });
    expect(malformed).toMatchObject({ reason: { data: { code: 'UNPROCESSABLE_CONTENT' } } });
    expect(malformed).toMatchObject({ reason: { meta: { response: { status: 207 } } } });
    expect(list).toMatchObject({ value: { tasks: [{}] } });
  });

  test('a batch that is too long fails call by call, and says why', async () => {
    const calls = Array.from({ length: 11 }, () => thrown(link.batch.workflow.metrics.query(undefined)));
    for (const error of await Promise.all(calls)) {
      expect([error.message, error.data.code]).toEqual(['a batch has at most 10 procedures', 'BAD_REQUEST']);
    }
  });
}
