import { defineConfig } from 'vitest/config';

// Tests against real products of others, which must be installed first: see test/real/*/README.md. No database of ours is needed.
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    include: ['test/real/**/*.spec.ts'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 900_000,
  },
});
