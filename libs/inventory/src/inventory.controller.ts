import { Controller, Get, Param, Req } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CallContext, ok, parseRecordQuery, Permission, type Reply, type RequestContext } from '@datum/platform';
import { recordController, type WireRequest } from '@datum/governed';
import { AvailabilityReader } from './availability.reader.js';
import { AvailabilityView, InventoryStatesView, StockOverviewView } from './inventory.view.js';
import { inventoryStates } from './inventory-state.js';
import { locationRecord, lotRecord, serialRecord, stockPolicyRecord } from './location.record.js';
import { StockReader } from './stock.reader.js';
import { stockBalanceRecord, stockMovementRecord, valuationRecord } from './stock.record.js';

@Controller({ path: 'locations', version: '1' })
export class LocationController extends recordController(locationRecord) {}

@Controller({ path: 'stock-policies', version: '1' })
export class StockPolicyController extends recordController(stockPolicyRecord) {}

@Controller({ path: 'lots', version: '1' })
export class LotController extends recordController(lotRecord) {}

@Controller({ path: 'serials', version: '1' })
export class SerialController extends recordController(serialRecord) {}

@Controller({ path: 'stock-movements', version: '1' })
export class StockMovementController extends recordController(stockMovementRecord) {}

@Controller({ path: 'stock-balances', version: '1' })
export class StockBalanceController extends recordController(stockBalanceRecord) {}

@Controller({ path: 'valuations', version: '1' })
export class ValuationController extends recordController(valuationRecord) {}

const noTime = ['asOf', 'knownAt', 'maxAgeSeconds'] as const;
const queryText = ({ url }: WireRequest): string => url.split('?')[1] ?? '';

@ApiTags('inventory')
@Controller({ path: 'items/:id/availability', version: '1' })
export class AvailabilityController {
  constructor(private readonly reader: AvailabilityReader) {}

  @Get() @Permission('inventory.read')
  @ApiOperation({ operationId: 'getItemAvailability', summary: 'What there is of an item across sites, and what may be promised for a date', 'x-since': '0.1.0' } as object)
  @ApiParam({ name: 'id', description: 'Id of the item.', schema: { type: 'string', format: 'uuid' } })
  @ApiQuery({ name: 'date', required: false, description: 'Date to promise for; default today.', schema: { type: 'string', format: 'date' }, example: '2026-03-10' })
  @ApiResponse({ status: 200, description: 'A line per site with its freshness, and the sums.', type: AvailabilityView })
  async read(@CallContext() context: RequestContext, @Param('id') id: string, @Req() request: WireRequest): Promise<Reply> {
    const { extra } = parseRecordQuery(queryText(request), { extra: ['date'], without: noTime });
    return ok(await this.reader.availability(context, id, extra.date));
  }
}

@ApiTags('inventory')
@Controller({ path: 'stock', version: '1' })
export class StockController {
  constructor(private readonly reader: StockReader) {}

  @Get() @Permission('inventory.read')
  @ApiOperation({ operationId: 'getStock', summary: 'Stock of an item by bin, site and enterprise, with its value and both owners', 'x-since': '0.1.0' } as object)
  @ApiQuery({ name: 'itemId', required: false, description: 'The item by id.', schema: { type: 'string', format: 'uuid' } })
  @ApiQuery({ name: 'code', required: false, description: "The item by its code, or by a system's own code with system=.", schema: { type: 'string' }, example: 'MOT-24' })
  @ApiQuery({ name: 'gtin', required: false, description: 'The item by its GTIN.', schema: { type: 'string' }, example: '00614141100057' })
  @ApiQuery({ name: 'system', required: false, description: 'The system whose code it is.', schema: { type: 'string' }, example: 'LEG1' })
  @ApiQuery({ name: 'site', required: false, description: 'Narrows the look-up where one system serves several sites.', schema: { type: 'string' }, example: 'A' })
  @ApiResponse({ status: 200, description: 'Three levels of stock and the valuations.', type: StockOverviewView })
  async read(@CallContext() context: RequestContext, @Req() request: WireRequest): Promise<Reply> {
    const { extra } = parseRecordQuery(queryText(request), { extra: ['itemId', 'code', 'gtin', 'system', 'site'], without: noTime });
    const { itemId, ...name } = extra;
    return ok(await this.reader.overview(context, { ...name, ...(itemId === undefined ? {} : { id: itemId }) }));
  }

  @Get('states') @Permission('inventory.read')
  @ApiOperation({ operationId: 'listInventoryStates', summary: 'The vocabulary inventory-state/1: what each state means and where it counts', 'x-since': '0.1.0' } as object)
  @ApiResponse({ status: 200, description: 'Every state.', type: InventoryStatesView })
  states(): Reply {
    return ok({ data: inventoryStates });
  }
}
