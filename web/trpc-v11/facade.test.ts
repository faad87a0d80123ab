import { fileURLToPath } from 'node:url';
import { TRPCClientError, createTRPCClient, httpBatchLink, httpBatchStreamLink, httpLink } from '@trpc/client';
import type { AppRouter } from '@workflow-intelligence/trpc';
import { expect, test } from 'vitest';
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

firstContract(fileURLToPath(new URL('.', import.meta.url)), single, {
  imports: "import { createTRPCClient as connect, httpBatchLink as link } from '@trpc/client';",
});
