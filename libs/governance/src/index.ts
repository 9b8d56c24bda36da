export * from './governance.module.js';
export * from './ownership-rule.record.js';
export * from './seed-ownership.js';
