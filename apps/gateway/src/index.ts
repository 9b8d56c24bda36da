export { createGateway } from './create-gateway.js';
export { openApiDocument } from './openapi-document.js';
