// The two examples that the product promised from the beginning, word for word as they stand in first-contract.md.
import { expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { blocks, run } from '../testing/example.ts';
import { create, rename, url, type Trpc } from './stories.ts';

const examples = await blocks(new URL('first-contract.md', import.meta.url));

/** Runs them as programs of the package in `folder`, which says where its client comes from. */
export function firstContract(folder: string, trpc: Trpc, { imports }: { imports: string }): void {
  test('the first example of tRPC runs word for word', async () => {
    const sla_deadline = new Date(Date.now() + 3_600_000).toISOString();
    const task = await create(trpc, { task_status: 'RED', sla_deadline });
    rename(task.task_id, 'TASK-123');
    const { tasks } = await run(
      folder,
      'procedures',
      `${imports}
import type { AppRouter } from '@workflow-intelligence/trpc';
const trpc = connect<AppRouter>({ links: [link({ url: '${url}' })] });
${examples[0]}
export { tasks };
`,
    );
    expect(tasks.tasks.map((row: { task_id: string }) => row.task_id)).toContain('TASK-123');
    // An hour is left, so the deadline keeps it RED whatever a person says.
    const { task: changed } = await trpc.workflow.get.query({ taskId: 'TASK-123' });
    expect(changed).toMatchObject({ manual_status: 'YELLOW', task_status: 'RED', current_owner: 'John Smith' });
  });

  test('the first example of the socket runs word for word', async () => {
    // Its address is that of the default port.
    const host = new URL(url).host;
    class Redirected extends WebSocket {
      constructor(address: string) {
        super(address.replace('localhost:3001', host));
      }
    }
    vi.stubGlobal('WebSocket', Redirected);
    const said = vi.spyOn(console, 'log').mockImplementation(() => {});
    const { ws, dashboards } = await run(
      folder,
      'events',
      `import { WebSocket, type Frames } from '@workflow-intelligence/client';
type Executive = Frames['workflow:metrics:updated']['data']['executive'];
const dashboards: Executive[] = [];
const updateDashboard = (executive: Executive) => dashboards.push(executive);
${examples[1]}
export { ws, dashboards };
`,
    );
    const opened = new Promise((resolve) => ws.on('open', resolve));
    await opened;
    const deadline = new Date(Date.now() + 7_200_000).toISOString();
    const task = await create(trpc, { sla_deadline: deadline });
    const heard = { timeout: 50_000 };
    const news = ['New task:', task.task_id, 'Quote Processing', expect.any(String)];
    await vi.waitFor(() => expect(said).toHaveBeenCalledWith(...news), heard);
    const warning = ['SLA Warning:', task.task_id, expect.closeTo(2, 0)];
    await vi.waitFor(() => expect(said).toHaveBeenCalledWith(...warning), heard);
    // It comes each minute, or when it is asked for.
    await fetch(`${url}/schedules/metrics-refresh/run`, { method: 'POST' });
    await vi.waitFor(() => expect(dashboards.at(-1)?.total_tasks).toBeGreaterThan(0), heard);
    ws.close();
    vi.unstubAllGlobals();
  });
}
