import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { blocks, run } from '../../testing/example.ts';
import { Server } from '../../testing/server.ts';

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
afterAll(() => server.stop());

test('the example of the README compiles and does what it says', async () => {
  const [example] = await blocks(new URL('../README.md', import.meta.url));
  vi.stubGlobal('WebSocket', WebSocket);
  const said = vi.spyOn(console, 'log').mockImplementation(() => {});
  const here = example!.replaceAll('localhost:3001', server.url.replace('http://', ''));
  const folder = fileURLToPath(new URL('..', import.meta.url));
  const { client, data, reload } = await run(folder, 'readme', `${here}\nexport { client, data, reload };\n`);

  const lines = () => said.mock.calls.map((words) => words.join(' '));
  const warned = expect.stringContaining(`workflow:sla:warning ${data.task_id}`);
  await vi.waitFor(() => expect(lines()).toContain(`${data.task_id} RED: Quote for 40 valves`), 30_000);
  await vi.waitFor(() => expect(lines()).toContainEqual(warned), 30_000);
  expect(lines()).toContain('live');
  expect(await reload()).toMatchObject([{ task_id: data.task_id, dollar_value: 1250.5 }]);
  client.close();
  expect(lines()).toContain('reconnecting');
});
