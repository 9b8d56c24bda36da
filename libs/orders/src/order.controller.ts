import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req, type Type } from '@nestjs/common';
import { CallContext, Idempotent, isUuid, notFound, Permission, type Reply, type RequestContext } from '@datum/platform';
import { RecordApi, recordController, RecordReader, viewsOf, type WireRequest } from '@datum/governed';
import { frozenExplosionRecord, PartedRecordWriter } from '@datum/boms';
import { documentCreateOrder, documentFrozenExplosion, documentLines } from './order.openapi.js';
import { productionOrderRecord } from './production-order.record.js';
import {
  orderTypes, purchaseOrderLineRecord, purchaseOrderRecord, salesOrderLineRecord, salesOrderRecord, transferOrderLineRecord, transferOrderRecord, type OrderType,
} from './trade-order.record.js';

/** Routes of an order type beyond those of every record: its lines come along when it is created, and are listed under it. */
function orderController({ order, line }: OrderType): Type<object> {
  @Controller()
  abstract class OrderRoutes extends recordController(order) {
    @Inject(PartedRecordWriter) readonly parted: PartedRecordWriter;

    @Post() @HttpCode(201) @Permission('order.write') @Idempotent() @documentCreateOrder(order, line)
    create(@CallContext() context: RequestContext, @Body() body: unknown): Promise<Reply> {
      return this.parted.create(context, order, { field: 'lines', definition: line, reference: 'orderId' }, body);
    }

    @Get(':id/lines') @Permission('order.read') @documentLines(order, line)
    lines(@CallContext() context: RequestContext, @Param('id') id: string, @Req() request: WireRequest): Promise<Reply> {
      if (!isUuid(id)) throw notFound(`${order.type}.not-found`, `There is no such ${order.type}.`);
      return this.api.list(context, line, request, { orderId: id });
    }
  }
  return OrderRoutes as unknown as Type<object>;
}

const [purchase, sales, transfer] = orderTypes as [OrderType, OrderType, OrderType];

@Controller({ path: purchaseOrderRecord.collection, version: '1' })
export class PurchaseOrderController extends orderController(purchase) {}

@Controller({ path: purchaseOrderLineRecord.collection, version: '1' })
export class PurchaseOrderLineController extends recordController(purchaseOrderLineRecord) {}

@Controller({ path: salesOrderRecord.collection, version: '1' })
export class SalesOrderController extends orderController(sales) {}

@Controller({ path: salesOrderLineRecord.collection, version: '1' })
export class SalesOrderLineController extends recordController(salesOrderLineRecord) {}

@Controller({ path: transferOrderRecord.collection, version: '1' })
export class TransferOrderController extends orderController(transfer) {}

@Controller({ path: transferOrderLineRecord.collection, version: '1' })
export class TransferOrderLineController extends recordController(transferOrderLineRecord) {}

@Controller({ path: productionOrderRecord.collection, version: '1' })
export class ProductionOrderController extends recordController(productionOrderRecord) {
  @Inject(RecordReader) readonly reader: RecordReader;
  @Inject(RecordApi) declare readonly api: RecordApi;

  @Get(':id/frozen-explosion') @Permission('order.read') @documentFrozenExplosion(viewsOf(frozenExplosionRecord).view)
  async frozenExplosion(@CallContext() context: RequestContext, @Param('id') id: string, @Req() request: WireRequest): Promise<Reply> {
    const found = isUuid(id) ? await this.reader.idByKey(context, frozenExplosionRecord, { orderId: id }) : undefined;
    if (!found) throw notFound('frozen-explosion.not-found', 'The order was not released through the gateway.');
    return this.api.read(context, frozenExplosionRecord, found, request);
  }
}
