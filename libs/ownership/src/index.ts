export * from './decide.js';
export * from './explain.js';
export * from './ownership-rule.js';
export * from './ownership-table.js';
export * from './ownership-rule.repository.js';
export * from './ownership.service.js';
export * from './default-matrix.js';
