import { defineConfig } from 'vitest/config';

// Worker threads started by a test load workers/*.ts themselves, outside Vite. Node 22.18+ strips
// types natively; Node 20 needs tsx. Threads inherit execArgv from the test process. The e2e and golden tests run the
// built program, whose threads need nothing.
const execArgv = (process.features as { typescript?: unknown }).typescript
  ? []
  : ['--import', 'tsx'];

export default defineConfig({
  test: {
    expect: { requireAssertions: true },
    testTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          execArgv,
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/golden/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'golden',
          include: ['test/golden/*.test.ts'],
          testTimeout: 300_000,
        },
      },
    ],
  },
});
