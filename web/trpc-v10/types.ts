// Compiled, never run: what the router's type allows and what it refuses.
import { createTRPCProxyClient, httpBatchLink } from '@trpc/client';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { AppRouter, ListInput } from '@workflow-intelligence/trpc';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Equal<A, B>): void => {};

export type List = inferRouterOutputs<AppRouter>['workflow']['list'];
same<inferRouterInputs<AppRouter>['workflow']['get'], { taskId: string }>(true);
same<Extract<inferRouterInputs<AppRouter>['workflow']['list'], object>, ListInput>(true);

export async function types(): Promise<List> {
  const { workflow } = createTRPCProxyClient<AppRouter>({ links: [httpBatchLink({ url: 'http://host/api' })] });
  const sort = { field: 'sla_deadline', direction: 'asc' } as const;
  const list = await workflow.list.query({ filter: { status: 'RED' }, sort });
  same<(typeof list)['tasks'][number]['sla_deadline'], string | null>(true);
  same<Awaited<ReturnType<typeof workflow.metrics.query>>['red_tasks'], number>(true);
  const { task } = await workflow.update.mutate({ taskId: 'TASK-1', updates: { current_owner: null } });
  task?.version.toFixed();
  // @ts-expect-error without a task the mutation is still under way
  task.version;
  // @ts-expect-error there is no such field
  list.tasks[0]?.colour;
  // @ts-expect-error there is no such colour
  await workflow.list.query({ filter: { status: 'PINK' } });
  // @ts-expect-error it is a query
  await workflow.list.mutate({});
  // @ts-expect-error it needs a task
  await workflow.get.query();
  // @ts-expect-error it needs a title
  await workflow.create.mutate({ workflow_category: 'Order Management' });
  // @ts-expect-error there is no such procedure
  await workflow.rename.mutate({});
  return workflow.list.query();
}
