import { Injectable } from '@nestjs/common';
import { loaderOf, type GraphqlContext } from '@datum/platform';
import { RecordReader, type AnyRecord, type WireRecord } from '@datum/governed';

/** Lines of orders, one load for all orders of a level. */
@Injectable()
export class OrderLineReader {
  constructor(private readonly records: RecordReader) {}

  async linesOf(graphql: GraphqlContext, line: AnyRecord, orderId: string): Promise<WireRecord[]> {
    const loader = loaderOf<string, WireRecord[]>(graphql, `${line.type} by order`, async (ids) => {
      const found = await this.records.readWhere(graphql.requestContext, line, 'orderId', ids);
      return ids.map((id) => found.filter(({ orderId: of }) => of === id).sort((a, b) => Number(a.lineNumber) - Number(b.lineNumber)));
    });
    return loader.load(orderId);
  }
}
