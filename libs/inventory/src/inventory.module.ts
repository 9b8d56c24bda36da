import { Module } from '@nestjs/common';
import { RegistryDirectory } from '@datum/registry';
import { PolicyGuards, RecordCatalogue, RecordWriter } from '@datum/governed';
import { baseUnitInUseGuard } from '@datum/items';
import { AvailabilityReader } from './availability.reader.js';
import { balanceConsequence } from './balance.consequence.js';
import { balanceGuard } from './balance.guard.js';
import { stockUses } from './balance.repository.js';
import { ExpectedSupplySources } from './expected-supply.port.js';
import {
  AvailabilityController, LocationController, LotController, SerialController, StockBalanceController, StockController, StockMovementController,
  StockPolicyController, ValuationController,
} from './inventory.controller.js';
import {
  ItemStockResolver, LocationResolver, LotResolver, SerialResolver, StockBalanceResolver, StockMovementResolver, StockPolicyResolver, ValuationResolver,
} from './inventory.resolver.js';
import { locationRecord, lotRecord, serialRecord, stockPolicyRecord } from './location.record.js';
import { movementGuard } from './movement.guard.js';
import { StockReader } from './stock.reader.js';
import { stockBalanceRecord, stockMovementRecord, valuationRecord } from './stock.record.js';
import { valuationGuard } from './valuation.guard.js';

/** Stock: how much is where and in which state, apart from what it is worth. */
@Module({
  controllers: [
    LocationController, StockPolicyController, LotController, SerialController, StockMovementController, StockBalanceController, ValuationController,
    AvailabilityController, StockController,
  ],
  providers: [
    AvailabilityReader, StockReader, ExpectedSupplySources, LocationResolver, StockPolicyResolver, LotResolver, SerialResolver, StockMovementResolver,
    StockBalanceResolver, ValuationResolver, ItemStockResolver,
  ],
  exports: [AvailabilityReader, StockReader, ExpectedSupplySources],
})
export class InventoryModule {
  constructor(catalogue: RecordCatalogue, guards: PolicyGuards, writer: RecordWriter, directory: RegistryDirectory) {
    catalogue.add(locationRecord, stockPolicyRecord, lotRecord, serialRecord, stockMovementRecord, stockBalanceRecord, valuationRecord);
    guards.add(movementGuard(directory), balanceGuard, valuationGuard(directory), baseUnitInUseGuard('base-unit-in-stock', stockUses));
    guards.after(balanceConsequence(writer));
  }
}
