import { Module } from '@nestjs/common';
import { PolicyGuards, RecordCatalogue, RecordWriter } from '@datum/governed';
import { BomsModule, FrozenExplosions, PartedRecordWriter } from '@datum/boms';
import { ExpectedSupplySources, InventoryModule } from '@datum/inventory';
import { baseUnitInUseGuard } from '@datum/items';
import { OrderSupplyReader } from './expected-supply.reader.js';
import { freezeConsequence, progressConsequences, scoreConsequence, transferConsequence } from './order.consequence.js';
import {
  ProductionOrderController, PurchaseOrderController, PurchaseOrderLineController, SalesOrderController, SalesOrderLineController, TransferOrderController,
  TransferOrderLineController,
} from './order.controller.js';
import { orderLineGuard } from './order-line.guard.js';
import { orderUses } from './order.repository.js';
import { OrderLineReader } from './order-line.reader.js';
import {
  ProductionOrderResolver, PurchaseOrderLineResolver, PurchaseOrderResolver, SalesOrderLineResolver, SalesOrderResolver, TransferOrderLineResolver,
  TransferOrderResolver,
} from './order.resolver.js';
import { productionOrderGuard } from './production-order.guard.js';
import { productionOrderRecord } from './production-order.record.js';
import { orderTypes } from './trade-order.record.js';

/** Production, purchase, sales and transfer orders with their canonical life cycles. */
@Module({
  imports: [BomsModule, InventoryModule],
  controllers: [
    ProductionOrderController, PurchaseOrderController, PurchaseOrderLineController, SalesOrderController, SalesOrderLineController, TransferOrderController,
    TransferOrderLineController,
  ],
  providers: [
    OrderLineReader, OrderSupplyReader, PartedRecordWriter, ProductionOrderResolver, PurchaseOrderResolver, PurchaseOrderLineResolver, SalesOrderResolver,
    SalesOrderLineResolver, TransferOrderResolver, TransferOrderLineResolver,
  ],
})
export class OrdersModule {
  constructor(
    catalogue: RecordCatalogue, guards: PolicyGuards, writer: RecordWriter, explosions: FrozenExplosions, supplies: ExpectedSupplySources, supply: OrderSupplyReader,
  ) {
    catalogue.add(productionOrderRecord, ...orderTypes.flatMap(({ order, line }) => [order, line]));
    guards.add(productionOrderGuard, orderLineGuard, baseUnitInUseGuard('base-unit-in-orders', orderUses));
    guards.after(freezeConsequence(explosions), ...orderTypes.flatMap((type) => progressConsequences(writer, type)), transferConsequence(writer), scoreConsequence(writer));
    supplies.add(supply);
  }
}
