export * from './orders.module.js';
export * from './production-order.record.js';
export * from './production-state.js';
export * from './trade-order.record.js';
