import { defineConfig } from 'vitest/config';

// Tests against real products of others, which must be installed first: see test/real/*/README.md.
export default defineConfig({
  resolve: {
    tsconfigPaths: true,
    // As in vitest.config.ts: one copy of graphql.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    include: ['test/real/**/*.spec.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 900_000,
  },
});
