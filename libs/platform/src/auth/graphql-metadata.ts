/**
 * The metadata keys of @nestjs/graphql, which its index does not export (graphql.constants.js). The boot check would find no GraphQL field if they
 * changed, and its spec would fail.
 */
export const RESOLVER_TYPE_METADATA = 'graphql:resolver_type';
export const RESOLVER_NAME_METADATA = 'graphql:resolver_name';
export const RESOLVER_PROPERTY_METADATA = 'graphql:resolve_property';
