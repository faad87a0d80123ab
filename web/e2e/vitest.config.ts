import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [process.env.SCREENSHOTS ? 'screenshots.test.ts' : 'stories/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // One product and one browser at a time.
    fileParallelism: false,
  },
});
