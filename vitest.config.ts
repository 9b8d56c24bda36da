import { defineConfig } from 'vitest/config';

// Vite 8 transpiles with oxc, which reads experimentalDecorators + emitDecoratorMetadata and the aliases from tsconfig.json: no plugin.
export default defineConfig({
  resolve: {
    tsconfigPaths: true,
    // Node loads graphql's CommonJS build, Vite would take its ESM build: two copies, whose types are not each other's instances.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    include: ['libs/**/*.spec.ts', 'apps/**/*.spec.ts', 'test/**/*.e2e-spec.ts', 'test/**/*.spec.ts'],
    exclude: ['node_modules/**', 'dist/**', 'test/real/**'],
    globalSetup: ['test/support/global-setup.ts'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
