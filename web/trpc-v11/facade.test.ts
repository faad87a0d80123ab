import { fileURLToPath } from 'node:url';
import { TRPCClientError, createTRPCClient, httpBatchLink, httpBatchStreamLink, httpLink } from '@trpc/client';
import type { AppRouter } from '@workflow-intelligence/trpc';
import { expect, test } from 'vitest';
import { blocks, run } from '../testing/example.ts';
import { firstContract } from '../trpc/first-contract.ts';
import { stories, thrown, url } from '../trpc/stories.ts';

const single = createTRPCClient<AppRouter>({ links: [httpLink({ url })] });
const batch = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url })] });

stories(TRPCClientError, { single, batch });

test('a streaming link is told what to use instead', async () => {
  const streaming = createTRPCClient<AppRouter>({ links: [httpBatchStreamLink({ url })] });
  const calls = [thrown(streaming.workflow.metrics.query()), thrown(streaming.workflow.list.query())];
  for (const error of await Promise.all(calls)) {
    expect(error.message).toBe('streaming links are not served; use httpLink or httpBatchLink');
    expect(error.data).toMatchObject({ code: 'BAD_REQUEST', httpStatus: 406 });
  }
});

const folder = fileURLToPath(new URL('.', import.meta.url));

test('the example of the README compiles and runs', async () => {
  const [example] = await blocks(new URL('../trpc/README.md', import.meta.url));
  const here = example!.replace('http://localhost:3001/api', url);
  expect(await run(folder, 'readme', `${here}\nexport { tasks };\n`)).toMatchObject({ tasks: expect.any(Array) });
});

firstContract(folder, single, {
  imports: "import { createTRPCClient as connect, httpBatchLink as link } from '@trpc/client';",
});
