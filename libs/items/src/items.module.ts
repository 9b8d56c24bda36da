import { Module } from '@nestjs/common';
import { PolicyGuards, RecordCatalogue } from '@datum/governed';
import { baseUnitGuard } from './base-unit.guard.js';
import { ItemAlternateController, ItemController, ItemSiteCollectionController, ItemSiteController } from './item.controller.js';
import { ItemReader } from './item.reader.js';
import { itemAlternateRecord, itemRecord, itemSiteRecord } from './item.record.js';
import { ItemAlternateResolver, ItemResolver, ItemSiteResolver } from './item.resolver.js';
import { ItemSiteApi } from './item-site.api.js';

@Module({
  controllers: [ItemController, ItemSiteController, ItemSiteCollectionController, ItemAlternateController],
  providers: [ItemReader, ItemSiteApi, ItemResolver, ItemSiteResolver, ItemAlternateResolver],
  exports: [ItemReader],
})
export class ItemsModule {
  constructor(catalogue: RecordCatalogue, guards: PolicyGuards) {
    catalogue.add(itemRecord, itemSiteRecord, itemAlternateRecord);
    guards.add(baseUnitGuard);
  }
}
