// Compiled, never run: what the types allow and what they refuse.
import { WebSocket, WorkflowClient, createHttpClient, type components } from '../src/index.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Equal<A, B>): void => {};

export async function types(client: WorkflowClient): Promise<void> {
  client.on('workflow:task:created', (data, frame) => {
    same<typeof data.taskId, string>(true);
    same<typeof frame.id, string>(true);
    same<typeof frame.event, 'workflow:task:created'>(true);
    // @ts-expect-error there is no such field
    data.colour;
  });
  client.on('workflow:sla:*', (data, frame) => {
    same<typeof frame.event, 'workflow:sla:warning' | 'workflow:sla:violated' | 'workflow:sla:escalated'>(true);
    if (frame.event === 'workflow:sla:warning') frame.data.hoursRemaining.toFixed();
    data.deadline.toUpperCase();
  });
  client.on('workflow:metrics:updated', (data, frame) => {
    data.executive.red_tasks.toFixed();
    // @ts-expect-error it is not kept, so it has no id
    frame.id;
  });
  client.on('*', (_, frame) => frame.timestamp);
  client.on('closed', ({ retryIn }) => same<typeof retryIn, number | null>(true));
  const stop = client.once('online', (online) => same<typeof online, boolean>(true));
  stop();
  // @ts-expect-error there is no such event
  client.on('workflow:task:creatd', () => {});
  // @ts-expect-error names of events are not empty
  client.subscribe({ events: [] });
  client.subscribe({ events: ['workflow:sla:*'], filter: { status: ['RED'] } });
  // @ts-expect-error there is no such colour
  client.subscribe({ filter: { status: ['PINK'] } });

  const http = createHttpClient('http://host');
  const { data } = await http.GET('/api/workflow/get/{task_id}', { params: { path: { task_id: 'TASK-1' } } });
  same<typeof data, components['schemas']['TaskWithHistory'] | undefined>(true);
  // @ts-expect-error a title is needed
  await http.POST('/api/workflow/create', { body: { workflow_category: 'Order Management' } });
}

export const seed: WorkflowClient = new WebSocket('ws://localhost:3001/ws');
