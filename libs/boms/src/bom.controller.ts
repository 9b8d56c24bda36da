import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import type { StreamableFile } from '@nestjs/common';
import { CallContext, Idempotent, isUuid, notFound, ok, Permission, type Reply, type RequestContext } from '@datum/platform';
import { recordController, type WireRequest } from '@datum/governed';
import { bomLineRecord, bomRecord } from './bom.record.js';
import { FrozenExplosions } from './frozen-explosions.js';
import { frozenExplosionRecord } from './frozen-explosion.record.js';
import { PartedRecordWriter } from './parted-record.writer.js';
import { routingOperationRecord, routingRecord, workCentreRecord } from './routing.record.js';
import { StructureApi } from './structure.api.js';
import { documentCreateBom, documentCreateRouting, documentFrozenLines, documentStructure } from './structure.openapi.js';

@Controller({ path: 'boms', version: '1' })
export class BomController extends recordController(bomRecord) {
  @Inject(PartedRecordWriter) readonly parted: PartedRecordWriter;

  @Post() @HttpCode(201) @Permission('bom.write') @Idempotent() @documentCreateBom()
  create(@CallContext() context: RequestContext, @Body() body: unknown): Promise<Reply> {
    return this.parted.create(context, bomRecord, { field: 'lines', definition: bomLineRecord, reference: 'bomId' }, body);
  }
}

@Controller({ path: 'bom-lines', version: '1' })
export class BomLineController extends recordController(bomLineRecord) {}

@Controller({ path: 'routings', version: '1' })
export class RoutingController extends recordController(routingRecord) {
  @Inject(PartedRecordWriter) readonly parted: PartedRecordWriter;

  @Post() @HttpCode(201) @Permission('routing.write') @Idempotent() @documentCreateRouting()
  create(@CallContext() context: RequestContext, @Body() body: unknown): Promise<Reply> {
    return this.parted.create(context, routingRecord, { field: 'operations', definition: routingOperationRecord, reference: 'routingId' }, body);
  }
}

@Controller({ path: 'routing-operations', version: '1' })
export class RoutingOperationController extends recordController(routingOperationRecord) {}

@Controller({ path: 'work-centres', version: '1' })
export class WorkCentreController extends recordController(workCentreRecord) {}

@Controller({ path: 'frozen-explosions', version: '1' })
export class FrozenExplosionController extends recordController(frozenExplosionRecord, { readOnly: true }) {
  @Inject(FrozenExplosions) readonly frozen: FrozenExplosions;

  @Get(':id/lines') @Permission('bom.read') @documentFrozenLines()
  async lines(@CallContext() context: RequestContext, @Param('id') id: string): Promise<Reply> {
    if (!isUuid(id)) throw notFound('frozen-explosion.not-found', 'There is no such frozen-explosion.');
    return ok(await this.frozen.lines(context, id));
  }
}

/** What an item is made of, and in what it is used. */
@Controller({ path: 'items/:id', version: '1' })
export class ItemStructureController {
  constructor(private readonly structures: StructureApi) {}

  @Get('bom-explosion') @Permission('bom.read') @documentStructure.explode()
  explode(@CallContext() context: RequestContext, @Param('id') id: string, @Req() request: WireRequest): Promise<StreamableFile> {
    return this.structures.explode(context, id, request);
  }

  @Get('where-used') @Permission('bom.read') @documentStructure.whereUsed()
  whereUsed(@CallContext() context: RequestContext, @Param('id') id: string, @Req() request: WireRequest): Promise<Reply> {
    return this.structures.whereUsed(context, id, request);
  }

  @Get('bom-comparison') @Permission('bom.read') @documentStructure.compare()
  compare(@CallContext() context: RequestContext, @Param('id') id: string, @Req() request: WireRequest): Promise<Reply> {
    return this.structures.compare(context, id, request);
  }

  @Get('cost-rollup') @Permission('bom.read') @documentStructure.costRollup()
  costRollup(@CallContext() context: RequestContext, @Param('id') id: string, @Req() request: WireRequest): Promise<Reply> {
    return this.structures.costRollup(context, id, request);
  }
}
