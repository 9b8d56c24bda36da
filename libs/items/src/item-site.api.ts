import { Injectable } from '@nestjs/common';
import { AppError, created, forbidden, isCreateOnly, isUuid, maySeeSite, notFound, type Reply, type RequestContext } from '@datum/platform';
import { RecordApi, RecordReader, RecordWriter, type WireRequest } from '@datum/governed';
import { itemSiteRecord } from './item.record.js';

interface Key { id: string; site: string }

/** Addresses the site part of an item by item and site. A write aimed at another site's part is refused, not hidden. */
@Injectable()
export class ItemSiteApi {
  constructor(private readonly api: RecordApi, private readonly reader: RecordReader, private readonly writer: RecordWriter) {}

  list(context: RequestContext, itemId: string, request: WireRequest): Promise<Reply> {
    return this.api.list(context, itemSiteRecord, request, { itemId: itemIdOf(itemId) });
  }

  async read(context: RequestContext, key: Key, request: WireRequest): Promise<Reply> {
    return this.api.read(context, itemSiteRecord, await this.idOf(context, key), request);
  }

  async patch(context: RequestContext, key: Key, body: unknown, request: WireRequest): Promise<Reply> {
    this.checkSite(context, key);
    return this.api.patch(context, itemSiteRecord, await this.idOf(context, key), body, request);
  }

  /** Creates the part; `If-None-Match: *` is needed, since an existing part is changed by PATCH. */
  async put(context: RequestContext, key: Key, body: unknown, request: WireRequest): Promise<Reply> {
    this.checkSite(context, key);
    const ifNoneMatch = request.headers['if-none-match'];
    if (!isCreateOnly(Array.isArray(ifNoneMatch) ? ifNoneMatch[0] : ifNoneMatch)) {
      throw new AppError('preconditionMissing', 'precondition.missing', 'PUT creates only: send If-None-Match: *. Change with PATCH.');
    }
    const attributes = { ...(body as Record<string, unknown>), itemId: itemIdOf(key.id), site: key.site };
    const { record } = await this.writer.applyOne(context, itemSiteRecord, { op: 'create', attributes });
    return created(`/v1/items/${key.id}/sites/${key.site}`, record, { ETag: `"v${record.version}"` });
  }

  private checkSite(context: RequestContext, { site }: Key): void {
    if (!maySeeSite(context.actor, site)) throw forbidden('site.forbidden', `This credential is not for site ${site}.`, { site });
  }

  private async idOf(context: RequestContext, { id, site }: Key): Promise<string> {
    const found = await this.reader.idByKey(context, itemSiteRecord, { itemId: itemIdOf(id), site });
    if (!found) throw notFound('item-site.not-found', `The item has no part for site ${site}.`);
    return found;
  }
}

function itemIdOf(id: string): string {
  if (!isUuid(id)) throw notFound('item.not-found', 'There is no such item.');
  return id;
}
