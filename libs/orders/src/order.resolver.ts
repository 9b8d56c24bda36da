import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphqlContext } from '@datum/platform';
import { recordResolver, viewsOf } from '@datum/governed';
import { itemRecord } from '@datum/items';
import { customerRecord, supplierRecord } from '@datum/parties';
import { OrderLineReader } from './order-line.reader.js';
import { productionOrderRecord } from './production-order.record.js';
import {
  purchaseOrderLineRecord, purchaseOrderRecord, salesOrderLineRecord, salesOrderRecord, transferOrderLineRecord, transferOrderRecord,
} from './trade-order.record.js';

const linesOf = { description: 'The lines, by number.' };

@Resolver(() => viewsOf(productionOrderRecord).view)
export class ProductionOrderResolver extends recordResolver(productionOrderRecord, { relations: [itemRecord] }) {}

@Resolver(() => viewsOf(purchaseOrderRecord).view)
export class PurchaseOrderResolver extends recordResolver(purchaseOrderRecord, { relations: [supplierRecord] }) {
  constructor(private readonly reader: OrderLineReader) {
    super();
  }

  @ResolveField('lines', () => [viewsOf(purchaseOrderLineRecord).view], linesOf)
  lines(@Parent() order: { id: string }, @Context() graphql: GraphqlContext) {
    return this.reader.linesOf(graphql, purchaseOrderLineRecord, order.id);
  }
}

@Resolver(() => viewsOf(salesOrderRecord).view)
export class SalesOrderResolver extends recordResolver(salesOrderRecord, { relations: [customerRecord] }) {
  constructor(private readonly reader: OrderLineReader) {
    super();
  }

  @ResolveField('lines', () => [viewsOf(salesOrderLineRecord).view], linesOf)
  lines(@Parent() order: { id: string }, @Context() graphql: GraphqlContext) {
    return this.reader.linesOf(graphql, salesOrderLineRecord, order.id);
  }
}

@Resolver(() => viewsOf(transferOrderRecord).view)
export class TransferOrderResolver extends recordResolver(transferOrderRecord) {
  constructor(private readonly reader: OrderLineReader) {
    super();
  }

  @ResolveField('lines', () => [viewsOf(transferOrderLineRecord).view], linesOf)
  lines(@Parent() order: { id: string }, @Context() graphql: GraphqlContext) {
    return this.reader.linesOf(graphql, transferOrderLineRecord, order.id);
  }
}

@Resolver(() => viewsOf(purchaseOrderLineRecord).view)
export class PurchaseOrderLineResolver extends recordResolver(purchaseOrderLineRecord, { relations: [itemRecord, purchaseOrderRecord] }) {}

@Resolver(() => viewsOf(salesOrderLineRecord).view)
export class SalesOrderLineResolver extends recordResolver(salesOrderLineRecord, { relations: [itemRecord, salesOrderRecord] }) {}

@Resolver(() => viewsOf(transferOrderLineRecord).view)
export class TransferOrderLineResolver extends recordResolver(transferOrderLineRecord, { relations: [itemRecord, transferOrderRecord] }) {}
