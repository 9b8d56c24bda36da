import { Args, Context, ID, Query, Resolver } from '@nestjs/graphql';
import { AnyParticipant, AppError, PageArgs, toConnection, type GraphqlContext } from '@datum/platform';
import { OperationReader } from './operation.reader.js';
import { OperationConnection, OperationView, toOperationView } from './operation.view.js';

@Resolver(() => OperationView)
export class OperationResolver {
  constructor(private readonly reader: OperationReader) {}

  @AnyParticipant()
  @Query(() => OperationView, { nullable: true, description: 'What became of accepted work; null when it is not yours.' })
  async operation(@Args('id', { type: () => ID }) id: string, @Context() graphql: GraphqlContext) {
    return this.reader.one(graphql.requestContext, id).then(toOperationView, (error: unknown) => {
      if (error instanceof AppError && error.kind === 'notFound') return null;
      throw error;
    });
  }

  @AnyParticipant()
  @Query(() => OperationConnection, { description: 'Your operations, newest first.' })
  async operations(
    @Args() page: PageArgs,
    @Args('status', { type: () => String, nullable: true }) status: string | undefined,
    @Args('kind', { type: () => String, nullable: true }) kind: string | undefined,
    @Context() graphql: GraphqlContext,
  ) {
    const filters = Object.entries({ status, kind }).filter(([, value]) => value !== undefined && value !== null)
      .map(([field, value]) => ({ field, type: 'text' as const, op: 'eq' as const, values: [value!] }));
    const found = await this.reader.page(graphql.requestContext, {
      filters, sort: [], limit: Math.max(1, page.first), expand: [], include: [], extra: {}, ...(page.after ? { cursor: page.after } : {}),
    });
    const cursors = new Map(found.data.map((operation) => [operation.id, operation]));
    return toConnection({
      nodes: page.first === 0 ? [] : found.data.map(toOperationView),
      cursorOf: ({ id }) => found.cursorOf(cursors.get(id)!),
      hasNextPage: found.nextCursor !== null,
      ...(page.after ? { after: page.after } : {}),
    });
  }
}
