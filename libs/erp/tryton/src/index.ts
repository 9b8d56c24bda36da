export { createTrytonErp } from './tryton-erp.js';
export { trytonConfiguration } from './tryton-configuration.js';
export type { TrytonConfiguration } from './tryton-configuration.js';
