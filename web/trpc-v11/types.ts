import { createTRPCClient, httpBatchLink } from '@trpc/client';
import type { AppRouter } from '@workflow-intelligence/trpc';
const trpc = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: 'http://x/api' })] });
const { tasks } = await trpc.workflow.list.query({ filter: { status: 'RED' }, sort: { field: 'sla_deadline', direction: 'asc' } });
const title: string = tasks[0]!.title;
const d: string | null | undefined = tasks[0]!.sla_deadline;
await trpc.workflow.list.query();
const m = await trpc.workflow.metrics.query();
const n: number = m.red_tasks;
const u = await trpc.workflow.update.mutate({ taskId: 'x', updates: { task_status: 'YELLOW', current_owner: null } });
if (u.task) { const v: number = u.task.version; void v }
// @ts-expect-error no such status
await trpc.workflow.list.query({ filter: { status: 'PINK' } });
// @ts-expect-error a query
await trpc.workflow.list.mutate({});
// @ts-expect-error needs a task
await trpc.workflow.get.query();
// @ts-expect-error no such field
tasks[0]!.colour;
void title, d, n;
