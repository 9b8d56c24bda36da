export { ExplorerPage, type ExplorerExample, type ExplorerOptions } from './graphiql-page.js';
export { registerApiDocs, type ApiDocsOptions } from './swagger-page.js';
