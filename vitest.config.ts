import { defineConfig } from 'vitest/config';

const E2E = 'test/e2e/**/*.e2e.test.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [E2E],
          globalSetup: 'test/build.ts',
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: [E2E],
          globalSetup: 'test/build.ts',
          // Each file drives a pipeline and browsers of its own: side by side they would starve each other.
          fileParallelism: false,
          sequence: { concurrent: false },
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
