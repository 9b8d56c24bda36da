import { Args, Context, ID, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Permission, type GraphqlContext } from '@datum/platform';
import { recordResolver, viewsOf } from '@datum/governed';
import { itemAlternateRecord, itemRecord, itemSiteRecord } from './item.record.js';
import { ItemReader } from './item.reader.js';

@Resolver(() => viewsOf(itemRecord).view)
export class ItemResolver extends recordResolver(itemRecord) {
  constructor(private readonly reader: ItemReader) {
    super();
  }

  @ResolveField('sites', () => [viewsOf(itemSiteRecord).view], { description: 'What each site adds, for the sites the reader may see.' })
  sites(@Parent() item: { id: string }, @Context() graphql: GraphqlContext) {
    return this.reader.sitesOf(graphql, item.id);
  }

  @Permission('item.read')
  @Query(() => viewsOf(itemSiteRecord).view, { name: 'itemSiteOf', nullable: true, description: 'What one site adds to an item.' })
  itemSiteOf(@Args('itemId', { type: () => ID }) itemId: string, @Args('site', { type: () => String }) site: string, @Context() graphql: GraphqlContext) {
    return this.reader.siteOf(graphql, itemId, site);
  }
}

@Resolver(() => viewsOf(itemSiteRecord).view)
export class ItemSiteResolver extends recordResolver(itemSiteRecord, { relations: [itemRecord] }) {}

@Resolver(() => viewsOf(itemAlternateRecord).view)
export class ItemAlternateResolver extends recordResolver(itemAlternateRecord, { relations: [itemRecord] }) {}
