export * from './exact.js';
export * from './unit.js';
export * from './unit-conversion.js';
