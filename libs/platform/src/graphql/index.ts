import './problem-descriptions.js';

export { DocumentError } from './admission.js';
export * from './connection.js';
export { CostCounter, type OperationCost } from './cost.js';
export { GraphqlDriver, type GraphqlDriverConfig } from './graphql.driver.js';
export { inOrder, loaderOf, type GraphqlContext } from './graphql-context.js';
export { graphqlOptions, type GraphqlOptions } from './graphql-options.js';
export { defaultGraphqlLimits, type GraphqlLimits } from './limits.js';
export * from './node.js';
export * from './scalars.js';
