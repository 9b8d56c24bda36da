import { Module } from '@nestjs/common';
import { PolicyGuards, RecordCatalogue } from '@datum/governed';
import { baseUnitInUseGuard } from '@datum/items';
import {
  BomController, BomLineController, FrozenExplosionController, ItemStructureController, RoutingController, RoutingOperationController, WorkCentreController,
} from './bom.controller.js';
import { bomLineFitsGuard, noCycleByValidityGuard, noCycleGuard, periodGuard, routingOperationFitsGuard } from './bom-line.guard.js';
import { bomUses } from './bom-structure.repository.js';
import { BomReader } from './bom.reader.js';
import { bomLineRecord, bomRecord } from './bom.record.js';
import {
  BomLineResolver, BomResolver, ExplosionResolver, FrozenExplosionResolver, ItemStructureResolver, RoutingOperationResolver, RoutingResolver, WorkCentreResolver,
} from './bom.resolver.js';
import { ComparisonReader } from './comparison.reader.js';
import { CostReader } from './cost.reader.js';
import { frozenExplosionRecord } from './frozen-explosion.record.js';
import { FrozenExplosions } from './frozen-explosions.js';
import { PartedRecordWriter } from './parted-record.writer.js';
import { routingOperationRecord, routingRecord, workCentreRecord } from './routing.record.js';
import { StructureApi } from './structure.api.js';
import { StructureReader } from './structure.reader.js';
import { WhereUsedReader } from './where-used.reader.js';

const readers = [BomReader, ComparisonReader, CostReader, FrozenExplosions, StructureReader, WhereUsedReader];
const resolvers = [
  BomResolver, BomLineResolver, ExplosionResolver, FrozenExplosionResolver, ItemStructureResolver, RoutingOperationResolver, RoutingResolver, WorkCentreResolver,
];

@Module({
  controllers: [
    BomController, BomLineController, FrozenExplosionController, ItemStructureController, RoutingController, RoutingOperationController, WorkCentreController,
  ],
  providers: [...readers, ...resolvers, PartedRecordWriter, StructureApi],
  exports: readers,
})
export class BomsModule {
  constructor(catalogue: RecordCatalogue, guards: PolicyGuards) {
    catalogue.add(bomRecord, bomLineRecord, workCentreRecord, routingRecord, routingOperationRecord, frozenExplosionRecord);
    guards.add(bomLineFitsGuard, routingOperationFitsGuard, periodGuard, noCycleGuard, noCycleByValidityGuard, baseUnitInUseGuard('base-unit-in-boms', bomUses));
  }
}
