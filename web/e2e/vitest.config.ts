import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [process.env.SCREENSHOTS ? 'screenshots.test.ts' : 'stories/**/*.test.ts'],
    tags: [{ name: 'production', description: 'also told on PostgreSQL and Redis, with two APIs and a worker' }],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Polls are as patient as the pages' own waits.
    expect: { poll: { timeout: 15_000, interval: 100 } },
    // One product and one browser at a time.
    fileParallelism: false,
  },
});
