import { Injectable } from '@nestjs/common';
import { Database, loaderOf, requireScope, type GraphqlContext } from '@datum/platform';
import { RecordReader, type AnyRecord, type WireRecord } from '@datum/governed';
import { bomLineRecord, bomRecord } from './bom.record.js';
import { selectParts } from './bom.repository.js';
import { routingOperationRecord } from './routing.record.js';
import { StructureReader, type StructureAsk } from './structure.reader.js';
import { selectBomIds } from './structure.repository.js';

const countsOn = (line: WireRecord, date: string): boolean =>
  ((line.effectiveFrom as string | null) ?? date) <= date && (line.effectiveTo === null || (line.effectiveTo as string) > date);

/** Reads of BOMs for GraphQL: each level of a query is one statement, however many records it has. */
@Injectable()
export class BomReader {
  constructor(private readonly database: Database, private readonly records: RecordReader, private readonly structures: StructureReader) {}

  /** The BOM that counts for an item on a day, at a site. */
  async bomOf(graphql: GraphqlContext, ask: StructureAsk): Promise<WireRecord | null> {
    requireScope(graphql.requestContext.actor, 'bom.read');
    const question = this.structures.questionOf(graphql.requestContext, ask);
    const { date, site, usages } = question;
    const loader = loaderOf<string, WireRecord | null>(graphql, `bom.of ${date} ${site} ${usages.join()}`, async (itemIds) => {
      const bomIds = await selectBomIds(this.database, question, itemIds);
      const boms = await this.records.readMany(graphql.requestContext, bomRecord, [...bomIds.values()]);
      const byId = new Map(boms.map((bom) => [bom.id, bom]));
      return itemIds.map((itemId) => byId.get(bomIds.get(itemId) ?? '') ?? null);
    });
    return loader.load(question.itemId);
  }

  /** The lines of a BOM by position; with a date, those that count then. */
  async linesOf(graphql: GraphqlContext, bomId: string, date: string | undefined): Promise<WireRecord[]> {
    const lines = await this.parts(graphql, bomLineRecord, 'bomId', bomId);
    return date === undefined ? lines : lines.filter((line) => countsOn(line, date));
  }

  operationsOf(graphql: GraphqlContext, routingId: string): Promise<WireRecord[]> {
    return this.parts(graphql, routingOperationRecord, 'routingId', routingId);
  }

  private parts(graphql: GraphqlContext, definition: AnyRecord, reference: string, id: string): Promise<WireRecord[]> {
    const loader = loaderOf<string, WireRecord[]>(graphql, `${definition.type}.of`, async (ids) => {
      const byOwner = new Map<unknown, WireRecord[]>(ids.map((each) => [each, []]));
      for (const part of await selectParts(this.database, definition, reference, ids)) byOwner.get(part[reference])!.push(part);
      return ids.map((each) => byOwner.get(each)!);
    });
    return loader.load(id);
  }
}
