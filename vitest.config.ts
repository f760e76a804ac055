import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    // Each suite runs a homeserver of its own beside the bot and its clients.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            '{bot,common,widget}/**/*.test.ts',
            'test/docs/**/*.test.ts',
            'test/crash/dataFolder.test.ts',
            'test/harness/prerequisites.test.ts',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/{browser,deploy,docs}/**',
            'test/crash/dataFolder.test.ts',
            'test/harness/prerequisites.test.ts',
          ],
          globalSetup: 'test/harness/globalSetup.ts',
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'deploy',
          include: ['test/deploy/**/*.test.ts'],
          globalSetup: 'test/browser/harness/globalSetup.ts',
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: 'test/browser/harness/globalSetup.ts',
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
