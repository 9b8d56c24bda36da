import type { Type } from '@nestjs/common';
import { ArgsType, Field, Int, ObjectType } from '@nestjs/graphql';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { defaultGraphqlLimits } from './limits.js';

const pageSizeMax = defaultGraphqlLimits.pageSizeMax;

/** The arguments of a connection [Relay cursor connections], forwards only: `@Args() page: PageArgs`. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: 20, description: `How many, at most ${pageSizeMax}.` })
  @IsInt()
  @Min(0)
  @Max(pageSizeMax)
  first: number = 20;

  @Field(() => String, { nullable: true, description: 'The `endCursor` of the page before.' })
  @IsOptional()
  @IsString()
  @MaxLength(1_024)
  after?: string;
}

@ObjectType('PageInfo', { description: 'Where a page of a connection begins and ends.' })
export class PageInfo {
  @Field(() => Boolean)
  hasNextPage: boolean;

  @Field(() => Boolean)
  hasPreviousPage: boolean;

  @Field(() => String, { nullable: true })
  startCursor: string | null;

  @Field(() => String, { nullable: true })
  endCursor: string | null;
}

export interface Edge<T> { cursor: string; node: T }

export interface Connection<T> { edges: Edge<T>[]; nodes: T[]; pageInfo: PageInfo }

const connectionTypes = new Map<Type, Type<Connection<unknown>>>();

/**
 * The connection type of a view, with its edge type: `const ItemConnection = connectionOf(ItemView, 'Item')` beside the view, then
 * `@Query(() => ItemConnection)`. Call it where modules are loaded: types that are made while the schema is built come too late. The same view
 * always gives the same class.
 * @param name the view's GraphQL name; without it, the class's name without `View`
 */
export function connectionOf<T>(view: Type<T>, name: string = view.name.replace(/View$/, '')): Type<Connection<T>> {
  const known = connectionTypes.get(view);
  if (known) return known as Type<Connection<T>>;

  @ObjectType(`${name}Edge`)
  class EdgeView implements Edge<T> {
    @Field(() => String)
    cursor: string;

    @Field(() => view)
    node: T;
  }

  @ObjectType(`${name}Connection`)
  class ConnectionView implements Connection<T> {
    @Field(() => [EdgeView])
    edges: Edge<T>[];

    @Field(() => [view], { description: 'The nodes of the edges, for those who need no cursor each.' })
    nodes: T[];

    @Field(() => PageInfo)
    pageInfo: PageInfo;
  }

  connectionTypes.set(view, ConnectionView);
  return ConnectionView;
}

/**
 * A page as a connection.
 * @param page.nodes the nodes of this page, in order
 * @param page.cursorOf the cursor that stands behind a node
 * @param page.after the cursor the page was asked for with: then there is a page before
 */
export function toConnection<T>(page: {
  nodes: T[]; cursorOf: (node: T) => string; hasNextPage: boolean; after?: string;
}): Connection<T> {
  const edges = page.nodes.map((node) => ({ node, cursor: page.cursorOf(node) }));
  const pageInfo = {
    hasNextPage: page.hasNextPage,
    hasPreviousPage: page.after !== undefined,
    startCursor: edges[0]?.cursor ?? null,
    endCursor: edges.at(-1)?.cursor ?? null,
  };
  return { edges, nodes: page.nodes, pageInfo };
}
