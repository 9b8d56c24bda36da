import { Global, Injectable, Module } from '@nestjs/common';
import { Args, Context, Field, ID, InterfaceType, Query, Resolver } from '@nestjs/graphql';
import { AnyParticipant } from '../auth/permission.js';
import type { RequestContext } from '../context/request-context.js';
import { malformed } from '../errors/app-error.js';
import { isUuid } from '../values/uuid.js';
import type { GraphqlContext } from './graphql-context.js';

/** A record by its global id. */
export interface GlobalId { type: string; id: string }

const typeNamePattern = /^[A-Z][A-Za-z0-9]{0,63}$/;
const globalIdLengthMax = 200;

/** The global id of a record: `<Type>:<uuid>` in base64url. It is opaque by agreement, not a secret. */
export const toGlobalId = (type: string, id: string): string => Buffer.from(`${type}:${id}`, 'utf8').toString('base64url');

/** @throws AppError malformed `node.id-malformed` */
export function fromGlobalId(text: string, type?: string): GlobalId {
  const [name = '', id = '', ...more] = text.length <= globalIdLengthMax ? Buffer.from(text, 'base64url').toString('utf8').split(':') : [];
  const isOne = typeNamePattern.test(name) && isUuid(id) && more.length === 0 && toGlobalId(name, id) === text;
  if (!isOne || (type !== undefined && name !== type)) throw malformed('node.id-malformed', 'This is not a global id.');
  return { type: name, id };
}

const typeNames = new WeakMap<object, string>();

/**
 * Whatever has a global id [Relay: Global Object Identification]. A view joins with `@ObjectType('Item', { implements: () => [NodeView] })`,
 * answers `id` with `toGlobalId('Item', …)`, and registers a loader.
 */
@InterfaceType('Node', {
  description: 'Whatever has a global id.',
  resolveType: (value: object) => typeNames.get(value),
})
export abstract class NodeView {
  @Field(() => ID)
  id: string;
}

/** Loads one record for its global id, or null when there is none that the caller may see: it asks the caller's scope itself. */
export type NodeLoader = (context: RequestContext, id: string) => Promise<object | null>;

/** Which types `node(id:)` knows. Rooms register theirs in `onModuleInit`. */
@Injectable()
export class NodeRegistry {
  private readonly loaders = new Map<string, NodeLoader>();

  /** @throws Error when the type is registered twice */
  registerNode(typeName: string, loader: NodeLoader): void {
    if (this.loaders.has(typeName)) throw new Error(`The node type ${typeName} is registered already.`);
    this.loaders.set(typeName, loader);
  }

  /** The record, or null: an unknown type and an unknown id look alike. @throws AppError malformed `node.id-malformed` */
  async load(context: RequestContext, globalId: string): Promise<object | null> {
    const { type, id } = fromGlobalId(globalId);
    const value = (await this.loaders.get(type)?.(context, id)) ?? null;
    if (value) typeNames.set(value, type);
    return value;
  }
}

@Resolver(() => NodeView)
export class NodeResolver {
  constructor(private readonly registry: NodeRegistry) {}

  @AnyParticipant()
  @Query(() => NodeView, { nullable: true, description: 'Any record by its global id.' })
  node(@Args('id', { type: () => ID }) id: string, @Context() context: GraphqlContext): Promise<object | null> {
    return this.registry.load(context.requestContext, id);
  }
}

/** `node(id:)` and its registry, for every room. */
@Global()
@Module({ providers: [NodeRegistry, NodeResolver], exports: [NodeRegistry] })
export class NodeModule {}
