import { createHash } from 'node:crypto';
import { Args, Context, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import {
  accepted, AnyParticipant, AppError, bodyTextOf, canonicalJson, Database, isUuid, machineNowMs, ok, PageArgs, Permission, readIdempotencyKey,
  runIdempotent, toConnection, type GraphqlContext, type RequestContext,
} from '@datum/platform';
import { parseWish } from './write-request.parse.js';
import { writeRequestNotFound } from './write-request.errors.js';
import { DecideWriteRequestInput, RequestWriteInput } from './write-request.input.js';
import { WriteRequestReader } from './write-request.reader.js';
import { WriteRequestService } from './write-request.service.js';
import { toWriteRequestView, WriteRequestConnection, WriteRequestView } from './write-request.view.js';
import type { WriteRequest } from './write-request.js';

@Resolver(() => WriteRequestView)
export class WriteRequestResolver {
  constructor(private readonly database: Database, private readonly service: WriteRequestService, private readonly reader: WriteRequestReader) {}

  @AnyParticipant()
  @Query(() => WriteRequestView, { nullable: true, description: 'A write request; null when it is not yours to see.' })
  writeRequest(@Args('id', { type: () => ID }) id: string, @Context() graphql: GraphqlContext) {
    return this.reader.one(graphql.requestContext, id).then(toWriteRequestView, (error: unknown) => {
      if (error instanceof AppError && error.kind === 'notFound') return null;
      throw error;
    });
  }

  @AnyParticipant()
  @Query(() => WriteRequestConnection, { description: 'Write requests, newest first.' })
  async writeRequests(
    @Args() page: PageArgs,
    @Args('state', { type: () => String, nullable: true }) state: string | undefined,
    @Args('recordId', { type: () => ID, nullable: true }) recordId: string | undefined,
    @Context() graphql: GraphqlContext,
  ) {
    const filters = Object.entries({ state, recordId }).filter(([, value]) => value !== undefined && value !== null)
      .map(([field, value]) => ({ field, type: 'text' as const, op: 'eq' as const, values: [value!] }));
    const found = await this.reader.page(graphql.requestContext, {
      filters, sort: [], limit: Math.max(1, page.first), expand: [], include: [], extra: {}, ...(page.after ? { cursor: page.after } : {}),
    });
    const nodes = page.first === 0 ? [] : found.data.map(toWriteRequestView);
    return toConnection({ nodes, cursorOf: ({ id }) => found.cursorOf(id), hasNextPage: found.nextCursor !== null, ...(page.after ? { after: page.after } : {}) });
  }

  @AnyParticipant()
  @Mutation(() => WriteRequestView, { description: 'Ask the deciding system for a value.' })
  requestWrite(@Args('input', { type: () => RequestWriteInput }) input: RequestWriteInput, @Context() graphql: GraphqlContext) {
    const { idempotencyKey: _key, recordType, id, key, localKey, ...rest } = plain(input);
    const target = { recordType, ...defined({ id, key, localKey }) };
    return this.once(graphql.requestContext, 'requestWrite', input, (tx) => this.service.request(tx, parseWish(defined({ ...rest, target }))));
  }

  @Permission('write-back.approve')
  @Mutation(() => WriteRequestView, { description: 'Let a request go out that waits for approval; never your own.' })
  approveWriteRequest(@Args('input', { type: () => DecideWriteRequestInput }) input: DecideWriteRequestInput, @Context() graphql: GraphqlContext) {
    return this.once(graphql.requestContext, 'approveWriteRequest', input, (tx) => this.service.approve(tx, idOf(input), input.reason));
  }

  @Permission('write-back.approve')
  @Mutation(() => WriteRequestView, { description: 'Refuse a request that waits for approval; never your own.' })
  rejectWriteRequest(@Args('input', { type: () => DecideWriteRequestInput }) input: DecideWriteRequestInput, @Context() graphql: GraphqlContext) {
    return this.once(graphql.requestContext, 'rejectWriteRequest', input, (tx) => this.service.reject(tx, idOf(input), input.reason));
  }

  @AnyParticipant()
  @Mutation(() => WriteRequestView, { description: 'Take a request back that has not gone out.' })
  cancelWriteRequest(@Args('input', { type: () => DecideWriteRequestInput }) input: DecideWriteRequestInput, @Context() graphql: GraphqlContext) {
    return this.once(graphql.requestContext, 'cancelWriteRequest', input, (tx) => this.service.cancel(tx, idOf(input), input.reason));
  }

  /** A mutation runs once per idempotency key, like a POST: the effect and the stored answer commit together. */
  private async once(
    context: RequestContext, name: string, input: { idempotencyKey: string }, effect: (tx: RequestContext) => Promise<WriteRequest>,
  ): Promise<object> {
    const fingerprint = createHash('sha256').update(canonicalJson([name, plain(input)])).digest('base64url');
    const request = { client: context.actor.clientId, route: `graphql ${name}`, key: readIdempotencyKey(input.idempotencyKey), fingerprint, now: machineNowMs() };
    const reply = await runIdempotent(this.database, context, request, async (tx) => {
      const view = toWriteRequestView(await effect(tx));
      return name === 'requestWrite' ? accepted(`/v1/operations/${view.id}`, view) : ok(view);
    });
    return JSON.parse(bodyTextOf(reply) ?? 'null') as object;
  }
}

/** Input objects have no prototype of ours; absent members stay absent. */
const plain = <T extends object>(input: T): T => JSON.parse(JSON.stringify(input)) as T;

const defined = (object: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== null));

function idOf({ id }: DecideWriteRequestInput): string {
  if (!isUuid(id)) throw writeRequestNotFound();
  return id;
}
