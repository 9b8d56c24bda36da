import { Args, Context, Field, ID, InterfaceType, Query, Resolver } from '@nestjs/graphql';
import { AnyParticipant } from '../auth/permission.js';
import { isUuid } from '../values/uuid.js';
import type { GraphqlContext } from './graphql-context.js';

const typeNames = new WeakMap<object, string>();

/**
 * Whatever has an id [Relay: Global Object Identification]. Ids are UUIDv7, so they are global as they stand: REST and GraphQL use the same ones.
 * A view joins with `@ObjectType('Item', { implements: () => [NodeView] })`.
 */
@InterfaceType('Node', { description: 'Whatever has an id.', resolveType: (value: object) => typeNames.get(value) })
export abstract class NodeView {
  @Field(() => ID)
  id: string;
}

/** Finds any record by its id. It asks the caller's scope and sites itself: what the caller may not see does not exist. */
export abstract class NodeSource {
  abstract node(graphql: GraphqlContext, id: string): Promise<{ typeName: string; record: object } | undefined>;
}

@Resolver(() => NodeView)
export class NodeResolver {
  constructor(private readonly source: NodeSource) {}

  @AnyParticipant()
  @Query(() => NodeView, { nullable: true, description: 'Any record by its id.' })
  async node(@Args('id', { type: () => ID }) id: string, @Context() graphql: GraphqlContext): Promise<object | null> {
    const found = isUuid(id) ? await this.source.node(graphql, id) : undefined;
    if (found) typeNames.set(found.record, found.typeName);
    return found?.record ?? null;
  }
}
