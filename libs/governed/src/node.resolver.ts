import { Args, Context, ID, Query, Resolver } from '@nestjs/graphql';
import { AnyParticipant, Database, isUuid, type GraphqlContext } from '@datum/platform';
import { recordTypeOf } from './history.repository.js';
import { NodeView, typeNames } from './node.view.js';
import { RecordCatalogue } from './record-catalogue.js';
import { GraphqlRecords } from './record.graphql.js';

@Resolver(() => NodeView)
export class NodeResolver {
  constructor(private readonly database: Database, private readonly catalogue: RecordCatalogue, private readonly records: GraphqlRecords) {}

  /** The ledger knows the type of every record; the record's own scope is asked before it is read. */
  @AnyParticipant()
  @Query(() => NodeView, { nullable: true, description: 'Any record by its id.' })
  async node(@Args('id', { type: () => ID }) id: string, @Context() graphql: GraphqlContext): Promise<object | null> {
    const type = isUuid(id) ? await recordTypeOf(this.database, id) : undefined;
    const definition = type === undefined ? undefined : this.catalogue.find(type);
    if (!definition || !graphql.requestContext.actor.scopes.has(`${definition.domain}.read`)) return null;
    const record = await this.records.load(graphql, definition, id);
    if (record) typeNames.set(record, definition.typeName);
    return record;
  }
}
