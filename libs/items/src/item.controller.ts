import { Body, Controller, Get, Param, Patch, Put, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CallContext, Idempotent, Permission, type Reply, type RequestContext } from '@datum/platform';
import { recordController, type WireRequest } from '@datum/governed';
import { itemAlternateRecord, itemRecord, itemSiteRecord } from './item.record.js';
import { ItemSiteApi } from './item-site.api.js';
import { documentItemSite } from './item-site.openapi.js';

@Controller({ path: 'items', version: '1' })
export class ItemController extends recordController(itemRecord) {}

@Controller({ path: 'item-sites', version: '1' })
export class ItemSiteCollectionController extends recordController(itemSiteRecord) {}

@Controller({ path: 'item-alternates', version: '1' })
export class ItemAlternateController extends recordController(itemAlternateRecord) {}

/** The per-site part of an item as a sub-resource with an ETag of its own. */
@ApiTags('items')
@Controller({ path: 'items/:id/sites', version: '1' })
export class ItemSiteController {
  constructor(private readonly sites: ItemSiteApi) {}

  @Get() @Permission('item.read') @documentItemSite.list()
  list(@CallContext() context: RequestContext, @Param('id') id: string, @Req() request: WireRequest): Promise<Reply> {
    return this.sites.list(context, id, request);
  }

  @Get(':site') @Permission('item.read') @documentItemSite.read()
  read(@CallContext() context: RequestContext, @Param() key: { id: string; site: string }, @Req() request: WireRequest): Promise<Reply> {
    return this.sites.read(context, key, request);
  }

  @Put(':site') @Permission('item.write') @documentItemSite.put()
  put(@CallContext() context: RequestContext, @Param() key: { id: string; site: string }, @Body() body: unknown, @Req() request: WireRequest): Promise<Reply> {
    return this.sites.put(context, key, body, request);
  }

  @Patch(':site') @Permission('item.write') @Idempotent('respond-async') @documentItemSite.patch()
  patch(@CallContext() context: RequestContext, @Param() key: { id: string; site: string }, @Body() body: unknown, @Req() request: WireRequest): Promise<Reply> {
    return this.sites.patch(context, key, body, request);
  }
}
