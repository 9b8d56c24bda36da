export { createRestErp } from './rest-erp.js';
export type { RestErpDependencies } from './rest-erp.js';
export { restConfiguration } from './rest-configuration.js';
export type { RestConfiguration } from './rest-configuration.js';
