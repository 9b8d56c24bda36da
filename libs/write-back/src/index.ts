export * from './erp-port.js';
