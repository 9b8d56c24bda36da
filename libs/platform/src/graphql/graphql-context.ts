import DataLoader from 'dataloader';
import type { AuthenticatedRequest } from '../auth/permission.js';
import type { RequestContext } from '../context/request-context.js';
import type { AdmittedOperation } from './admission.js';

/** What every resolver gets as its GraphQL context: one per HTTP request, and one per event of a subscription. */
export interface GraphqlContext {
  /** The Fastify request; for websockets, the upgrade's headers with the `authorization` of `connectionParams`. */
  readonly req: AuthenticatedRequest;
  readonly requestContext: RequestContext;
  readonly loaders: Map<string, DataLoader<never, unknown>>;
  readonly operation: AdmittedOperation;
}

export const newGraphqlContext = (
  req: AuthenticatedRequest, requestContext: RequestContext, operation: AdmittedOperation,
): GraphqlContext => ({ req, requestContext, loaders: new Map(), operation });

const batchKeysMax = 500;

/**
 * The loader `key` of this request, made at its first use: resolvers of one level that load by id become one batch.
 * @param key names the loader within the request: `item.owner`
 * @param batch answers one value (or an Error) per id, in the order of the ids; at most 500 ids at a time
 */
export function loaderOf<K extends string | number, V>(
  context: GraphqlContext, key: string, batch: (ids: readonly K[]) => Promise<ArrayLike<V | Error>>,
): DataLoader<K, V> {
  const known = context.loaders.get(key);
  if (known) return known as unknown as DataLoader<K, V>;
  const loader = new DataLoader<K, V>(batch, { maxBatchSize: batchKeysMax });
  context.loaders.set(key, loader);
  return loader;
}

/** Values in the order of the ids, null where there is none: what a batch function returns. */
export function inOrder<K extends string | number, V>(ids: readonly K[], values: readonly V[], idOf: (value: V) => K): (V | null)[] {
  const byId = new Map(values.map((value) => [idOf(value), value]));
  return ids.map((id) => byId.get(id) ?? null);
}
