import type { Dashboard } from './dashboard.ts';

const CATEGORIES = ['Order Management', 'Quote Processing', 'Returns and RMA', 'General Support'];
const OWNERS = ['Ana Ruiz', 'Ben Okafor', undefined];

/** Brings tasks in as from another system, 200 a request, and waits until they are there. Row 0 is the newest. */
export async function importTasks(api: string, count: number): Promise<void> {
  const now = Date.now();
  const task = (row: number) => {
    const at = now - 3_600_000 - row * 60_000;
    return {
      task_id: `TASK-${at}-row${row}`,
      title: `Row ${row}`,
      workflow_category: CATEGORIES[row % 4],
      task_status: ['RED', 'YELLOW', 'GREEN'][row % 3],
      workflow_state: row % 2 ? 'IN_PROGRESS' : 'START_POINT',
      priority: ['CRITICAL', 'HIGH', 'MEDIUM', 'NORMAL'][row % 4],
      dollar_value: (row * 37) % 1000,
      mailbox_source: 'orders',
      created_at: new Date(at).toISOString(),
      updated_at: new Date(at).toISOString(),
      // Far enough that nothing becomes urgent while a story is told.
      sla_deadline: new Date(now + 10 * 86_400_000 + row * 60_000).toISOString(),
      tags: row % 10 === 0 ? ['review'] : [],
      ...(OWNERS[row % 3] && { current_owner: OWNERS[row % 3] }),
    };
  };
  let next = 0;
  const send = async () => {
    while (next < count) {
      const from = next;
      next = Math.min(count, from + 200);
      const body = JSON.stringify({ source: 'story', tasks: Array.from({ length: next - from }, (_, at) => task(from + at)) });
      const response = await fetch(`${api}/api/workflow/import`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    }
  };
  await Promise.all([send(), send()]);
  while ((await total(api, '')) < count) await new Promise((resolve) => setTimeout(resolve, 250));
}

/** How many tasks a list has, by the API. */
export async function total(api: string, search: string): Promise<number> {
  const response = await fetch(`${api}/api/workflow/list?${search}${search ? '&' : ''}limit=1`);
  return ((await response.json()) as { pagination: { total: number } }).pagination.total;
}

export async function updateTask({ server }: Dashboard, id: string, updates: Record<string, unknown>): Promise<void> {
  const response = await fetch(`${server.url}/api/workflow/update/${id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(updates),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}
