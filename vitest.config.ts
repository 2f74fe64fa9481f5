/** The test suites: what may run side by side, and how long each may take on two cores. */
import { defineConfig } from 'vitest/config';

/** Suites of one group run together, groups one after the other. */
export default defineConfig({
  test: {
    globalSetup: ['test/shared-directory.ts'],
    projects: [
      {
        test: {
          name: 'structure',
          include: ['test/structure/**/*.test.ts'],
          pool: 'forks',
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'unit',
          include: ['test/{protocol,node,web,scripts}/**/*.test.{ts,tsx}'],
          pool: 'forks',
          testTimeout: 30_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Real processes and real ports: one file at a time, or they starve each other and time out.
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
