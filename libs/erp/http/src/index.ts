export * from './change-sweep.js';
export * from './credential.js';
export * from './deadline.js';
export * from './erp-http.js';
