import { Module, UseFilters, ValidationPipe, Catch, Injectable, UseGuards, type ArgumentsHost, type CanActivate, type ExceptionFilter } from '@nestjs/common';
import {
  Args, ArgsType, Context, createUnionType, Field, GraphQLModule, GraphQLSchemaHost, ID, InputType, Int, Mutation, ObjectType, Parent,
  Query, registerEnumType, ResolveField, Resolver, Subscription,
} from '@nestjs/graphql';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import type { FastifyInstance } from 'fastify';
import { credentialsMissing } from '../auth/auth-errors.js';
import { Public, CallContext } from '../auth/permission.js';
import { gatewayActor } from '../context/actor.js';
import { newContext, type RequestContext } from '../context/request-context.js';
import { AppError, invalid, notFound } from '../errors/app-error.js';
import { hardenServer, serverOptions } from '../http/server.js';
import type { ProblemLogEntry } from '../http/problem-log.js';
import { validationProblem } from '../http/validation-problem.js';
import { connectionOf, PageArgs, toConnection, type Connection } from './connection.js';
import { inOrder, loaderOf, type GraphqlContext } from './graphql-context.js';
import { graphqlOptions, type GraphqlOptions } from './graphql-options.js';
import { NodeResolver, NodeSource, NodeView } from './node.js';
import { BigIntScalar, DateScalar, DateTimeScalar, DecimalScalar, JsonScalar, LocalizedTextScalar } from './scalars.js';

export enum Kind { Bracket = 'bracket', Bolt = 'bolt' }
registerEnumType(Kind, { name: 'Kind' });

/** The text that must never leave the house. */
export const innerText = 'select * from secret_table at /srv/inner/file.ts';

interface Row { n: number }

@ObjectType('Owner')
export class OwnerView {
  @Field(() => String) name: string;
  @Field(() => String, { nullable: true }) note: string | null;
}

@ObjectType('Item', { implements: () => [NodeView] })
export class ItemView implements NodeView {
  @Field(() => ID) id: string;
  @Field(() => String) code: string;
  @Field(() => LocalizedTextScalar) title: unknown;
  @Field(() => DecimalScalar) weight: string;
  @Field(() => BigIntScalar) serial: string;
  @Field(() => DateTimeScalar, { nullable: true }) since: string | null;
  @Field(() => DateScalar) day: string;
  @Field(() => JsonScalar, { nullable: true }) attributes: object | null;
  @Field(() => Kind) kind: Kind;
  @Field(() => OwnerView, { nullable: true }) owner: OwnerView | null;
  @Field(() => [ItemView]) parts: ItemView[];
  @Field(() => [String]) tags: string[];
  @Field(() => String, { nullable: true }) broken: string | null;
  @Field(() => String, { nullable: true }) refused: string | null;
  @Field(() => String) required: string;
}

const ItemConnection = connectionOf(ItemView, 'Item');

const Found = createUnionType({
  name: 'Found', types: () => [ItemView, OwnerView] as const,
  resolveType: (value: object) => ('n' in value ? ItemView : OwnerView),
});

@InputType()
class ItemInput {
  @Field(() => String) @IsString() code: string;
  @Field(() => DecimalScalar) @IsString() weight: string;
  @Field(() => Kind, { defaultValue: Kind.Bolt }) kind: Kind = Kind.Bolt;
  @Field(() => [Int], { nullable: true }) @IsOptional() levels?: number[];
}

@ArgsType()
class ListArgs {
  @Field(() => Int, { defaultValue: 3 }) @IsInt() @Min(0) @Max(500) limit: number = 3;
}

export class Probe {
  batches = 0;
  mutations = 0;
  logged: ProblemLogEntry[] = [];
  private waiting: ((value: IteratorResult<{ itemCreated: Row }>) => void)[] = [];
  open = 0;

  publish(n: number): void {
    for (const resolve of this.waiting.splice(0)) resolve({ done: false, value: { itemCreated: { n } } });
  }

  source(): AsyncIterableIterator<{ itemCreated: Row }> {
    this.open += 1;
    const end = async () => { this.open -= 1; return { done: true as const, value: undefined }; };
    return {
      next: () => new Promise((resolve) => { this.waiting.push(resolve); }),
      return: end,
      [Symbol.asyncIterator]() { return this; },
    };
  }
}

const row = (n: number): Row => ({ n });
const uuidOf = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;

@Injectable()
class OddGuard implements CanActivate {
  canActivate(): boolean { throw new AppError('forbidden', 'test.forbidden', 'The guard says no.'); }
}

@Catch(RangeError)
class RangeFilter implements ExceptionFilter {
  catch(_error: unknown, _host: ArgumentsHost): never { throw invalid('Filtered.', [], 'test.filtered'); }
}

/** Knows the record with number 7 and no other. */
const itemSeven: NodeSource = { node: async (_graphql, id) => (id === uuidOf(7) ? { typeName: 'Item', record: row(7) } : undefined) };

@Resolver(() => ItemView)
class ItemResolver {
  constructor(private readonly probe: Probe) {}

  @Public() @Query(() => ItemConnection)
  items(@Args() page: PageArgs): Connection<Row> {
    const start = page.after ? Number(page.after) + 1 : 0;
    const nodes = Array.from({ length: page.first }, (_, index) => row(start + index));
    return toConnection({ nodes, cursorOf: (node) => String(node.n), hasNextPage: true, after: page.after });
  }

  @Public() @Query(() => ItemView, { nullable: true })
  item(@Args('code') code: string): Row | null {
    if (code === 'missing') throw notFound('item.not-found', 'There is no such item.');
    return code.startsWith('I') ? row(Number(code.slice(1))) : null;
  }

  @Public() @Query(() => [ItemView])
  list(@Args() args: ListArgs): Row[] { return Array.from({ length: args.limit }, (_, index) => row(index)); }

  @Public() @Query(() => [ItemView])
  byCodes(@Args('codes', { type: () => [String] }) codes: string[]): Row[] { return codes.map((code) => row(Number(code.slice(1)))); }

  @Public() @Query(() => [Found])
  found(): object[] { return [row(1), { name: 'CE', note: null }]; }

  @Public() @Query(() => String)
  echo(
    @Args('weight', { type: () => DecimalScalar, nullable: true }) weight: string | null,
    @Args('since', { type: () => DateTimeScalar, nullable: true }) since: string | null,
    @Args('serial', { type: () => BigIntScalar, nullable: true }) serial: string | null,
    @Args('title', { type: () => LocalizedTextScalar, nullable: true }) title: unknown,
  ): string { return JSON.stringify([weight, since, serial, title]); }

  @Public() @Query(() => String, { nullable: true }) @UseGuards(OddGuard)
  guarded(): string { return 'never'; }

  @Public() @Query(() => String, { nullable: true }) @UseFilters(RangeFilter)
  filtered(): string { throw new RangeError('inner'); }

  @Public() @Query(() => String, { nullable: true })
  caller(@CallContext() context: RequestContext): string { return context.actor.clientId; }

  @Public() @Mutation(() => ItemView)
  createItem(@Args('input') input: ItemInput): Row {
    this.probe.mutations += 1;
    return row(Number(input.code.slice(1)));
  }

  @Public() @Subscription(() => ItemView)
  itemCreated(): AsyncIterableIterator<unknown> { return this.probe.source(); }

  @ResolveField() id(@Parent() { n }: Row): string { return uuidOf(n); }
  @ResolveField() code(@Parent() { n }: Row): string { return `I${n}`; }
  @ResolveField() title(@Parent() { n }: Row): unknown { return n % 2 ? { en: `Item ${n}` } : `Item ${n}`; }
  @ResolveField() weight(@Parent() { n }: Row): string { return `${n}.50`; }
  @ResolveField() serial(@Parent() { n }: Row): string { return `900719925474099${n}`; }
  @ResolveField() since(@Parent() { n }: Row): Date | null { return n % 2 ? new Date(n * 1_000) : null; }
  @ResolveField() day(): string { return '2026-11-02'; }
  @ResolveField() attributes(@Parent() { n }: Row): object | null { return n % 2 ? { colour: 'red' } : null; }
  @ResolveField() kind(@Parent() { n }: Row): Kind { return n % 2 ? Kind.Bracket : Kind.Bolt; }
  @ResolveField() parts(@Args() args: ListArgs): Row[] { return Array.from({ length: args.limit }, (_, index) => row(index)); }
  @ResolveField() tags(@Parent() { n }: Row): string[] { return ['a', `b${n}`]; }
  @ResolveField() broken(@Parent() { n }: Row): string { if (n % 2) throw new Error(innerText); return 'whole'; }
  @ResolveField() required(@Parent() { n }: Row): string | null { return n % 3 ? 'there' : null; }

  @ResolveField() refused(): string {
    throw new AppError('ownership', 'ownership.violation', 'CE decides the weight.', {
      details: { owner: 'CE', rule: 'CE owns weights.' }, errors: [{ pointer: '#/weight', code: 'owned', detail: 'CE' }],
    });
  }

  @ResolveField() owner(@Parent() { n }: Row, @Context() context: GraphqlContext): Promise<OwnerView | null> {
    return loaderOf<number, OwnerView | null>(context, 'owner', async (ids) => {
      this.probe.batches += 1;
      return inOrder(ids, ids.filter((id) => id !== 4).map((id) => ({ id, name: `S${id}`, note: null })), ({ id }) => id);
    }).load(n % 5);
  }
}

export const goodToken = 'Bearer good';

/** A caller is known by the token `good`; `revoked` may change while the application runs. */
export class Callers {
  revoked = false;

  contextOf(authorization: string | undefined, requestId?: string): RequestContext {
    if (authorization !== goodToken || this.revoked) throw credentialsMissing();
    return newContext({ ...gatewayActor, clientId: 'tester' }, 'graphql', { requestId });
  }
}

export interface GraphqlTestApp {
  app: NestFastifyApplication;
  probe: Probe;
  callers: Callers;
  schema: () => import('graphql').GraphQLSchema;
}

export interface GraphqlTestOptions extends Partial<GraphqlOptions> {
  /** Adds routes besides GraphQL. */
  beforeListen?: (fastify: FastifyInstance) => void;
}

/** A small application on the real HTTP floor: GraphQL as the gateway configures it, without a database. */
export async function graphqlTestApp(options: GraphqlTestOptions = {}): Promise<GraphqlTestApp> {
  const probe = new Probe();
  const callers = new Callers();
  const config = graphqlOptions({
    authenticate: (request) => callers.contextOf(request.headers.authorization as string | undefined, request.id),
    log: (entry) => { probe.logged.push(entry); },
    ...options,
  });

  @Module({
    imports: [GraphQLModule.forRoot(config)],
    providers: [ItemResolver, { provide: Probe, useValue: probe }, NodeResolver, { provide: NodeSource, useValue: itemSeven }],
  })
  class TestModule {}

  const testing = await Test.createTestingModule({ imports: [TestModule] }).compile();
  const app = testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter(serverOptions(() => undefined)), { logger: false, bodyParser: false });
  const fastify = app.getHttpAdapter().getInstance();
  hardenServer(fastify);
  options.beforeListen?.(fastify);
  app.useGlobalPipes(new ValidationPipe({ transform: true, exceptionFactory: validationProblem }));
  await app.listen(0, '127.0.0.1');
  return { app, probe, callers, schema: () => app.get(GraphQLSchemaHost).schema };
}

