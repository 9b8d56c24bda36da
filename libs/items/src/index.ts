export * from './base-unit.guard.js';
export * from './item.reader.js';
export * from './item.record.js';
export * from './item.repository.js';
export * from './items.module.js';
