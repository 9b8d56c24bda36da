import { Body, Controller, Get, HttpCode, Inject, Param, Patch, Post, Req, type Type } from '@nestjs/common';
import { CallContext, Idempotent, isUuid, notFound, Permission, type Reply, type RequestContext } from '@datum/platform';
import { RecordApi, type WireRequest } from './record.api.js';
import type { AnyRecord } from './record-definition.js';
import { HotRead } from './hot-reads.js';
import { document } from './record.openapi.js';

export interface RecordControllerOptions {
  /** Leave out the write routes: records that only the gateway writes. */
  readOnly?: boolean;
}

/**
 * The REST routes of a governed record, to be extended by the domain's controller:
 * `@Controller({ path: 'items', version: '1' }) class ItemController extends recordController(itemRecord) {}`
 */
export function recordController(definition: AnyRecord, options: RecordControllerOptions = {}): Type<{ api: RecordApi }> {
  const describe = document(definition);

  @Controller()
  abstract class ReadRoutes {
    @Inject(RecordApi) readonly api: RecordApi;

    @Get() @Permission(`${definition.domain}.read`) @describe.list()
    list(@CallContext() context: RequestContext, @Req() request: WireRequest): Promise<Reply> {
      return this.api.list(context, definition, request);
    }

    @Get('changes') @Permission(`${definition.domain}.read`) @describe.changes()
    changes(@CallContext() context: RequestContext, @Req() request: WireRequest): Promise<Reply> {
      return this.api.changes(context, definition, request);
    }

    // A domain that reads a record in a way of its own overrides this method, and with it the mark: memory then stays out of it.
    @Get(':id') @Permission(`${definition.domain}.read`) @describe.read() @HotRead(definition)
    read(@CallContext() context: RequestContext, @Param('id') id: string, @Req() request: WireRequest): Promise<Reply> {
      return this.api.read(context, definition, uuidParam(id, definition), request);
    }

    @Get(':id/history') @Permission(`${definition.domain}.read`) @describe.history()
    history(@CallContext() context: RequestContext, @Param('id') id: string, @Req() request: WireRequest): Promise<Reply> {
      return this.api.versions(context, definition, uuidParam(id, definition), request);
    }
  }
  if (options.readOnly) return ReadRoutes as unknown as Type<{ api: RecordApi }>;

  abstract class ReadWriteRoutes extends ReadRoutes {
    @Post() @HttpCode(201) @Permission(`${definition.domain}.write`) @Idempotent() @describe.create()
    create(@CallContext() context: RequestContext, @Body() body: unknown): Promise<Reply> {
      return this.api.create(context, definition, body);
    }

    @Patch(':id') @Permission(`${definition.domain}.write`) @Idempotent('respond-async') @describe.patch()
    patch(@CallContext() context: RequestContext, @Param('id') id: string, @Body() body: unknown, @Req() request: WireRequest): Promise<Reply> {
      return this.api.patch(context, definition, uuidParam(id, definition), body, request);
    }

    @Post('~batch') @HttpCode(200) @Permission(`${definition.domain}.write`) @Idempotent() @describe.batch()
    batch(@CallContext() context: RequestContext, @Body() body: unknown): Promise<Reply> {
      return this.api.batch(context, definition, body);
    }

    @Post('~bulk') @HttpCode(202) @Permission(`${definition.domain}.write`) @describe.bulk()
    bulk(@CallContext() context: RequestContext, @Body() body: unknown, @Req() request: WireRequest): Promise<Reply> {
      return this.api.bulkImport(context, definition, body, request);
    }
  }
  return ReadWriteRoutes as unknown as Type<{ api: RecordApi }>;
}

/** What is no id cannot be the id of a record: 404, as for an unknown one. */
function uuidParam(id: string, definition: AnyRecord): string {
  if (!isUuid(id)) throw notFound(`${definition.type}.not-found`, `There is no such ${definition.type}.`);
  return id;
}
