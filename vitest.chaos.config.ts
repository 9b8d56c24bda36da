import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

/** Suites that kill and starve the built product; minutes, not seconds. `npm run test:chaos`. */
export default defineConfig({
  ...base,
  test: { ...base.test, include: ['test/chaos/**/*.chaos.ts'], globalSetup: [], maxWorkers: 1 },
});
