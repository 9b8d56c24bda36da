import { Injectable } from '@nestjs/common';
import { loaderOf, type GraphqlContext } from '@datum/platform';
import { RecordReader, type WireRecord } from '@datum/governed';
import { itemSiteRecord } from './item.record.js';

/** Reads about items beyond the record itself. */
@Injectable()
export class ItemReader {
  constructor(private readonly records: RecordReader) {}

  async sitesOf(graphql: GraphqlContext, itemId: string): Promise<WireRecord[]> {
    const loader = loaderOf<string, WireRecord[]>(graphql, 'item.sites', async (ids) => {
      const found = await this.records.readWhere(graphql.requestContext, itemSiteRecord, 'itemId', ids);
      return ids.map((id) => found.filter((part) => part.itemId === id));
    });
    return loader.load(itemId);
  }

  async siteOf(graphql: GraphqlContext, itemId: string, site: string): Promise<WireRecord | null> {
    return (await this.sitesOf(graphql, itemId)).find((part) => part.site === site) ?? null;
  }
}
