import { applyDecorators, Body, Controller, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { accepted, AnyParticipant, CallContext, etagOf, Idempotent, isUuid, listReply, ok, Permission, type Reply, type RequestContext } from '@datum/platform';
import { DecisionBody, writeRequestBodySchema } from './write-request.body.js';
import { writeRequestNotFound } from './write-request.errors.js';
import { parseWish } from './write-request.parse.js';
import { WriteRequestReader } from './write-request.reader.js';
import { WriteRequestService } from './write-request.service.js';
import { toWriteRequestView, WriteRequestPageView, WriteRequestView } from './write-request.view.js';
import type { WriteRequest } from './write-request.js';

const operation = (operationId: string, summary: string): MethodDecorator => ApiOperation({ operationId, summary, 'x-since': '0.1.0' } as object);
const idempotencyKey = ApiHeader({ name: 'Idempotency-Key', required: true, description: '16 to 255 characters; one per intent.', schema: { type: 'string' } });
const verb = (operationId: string, summary: string): MethodDecorator => applyDecorators(
  HttpCode(200), Idempotent(), operation(operationId, summary), idempotencyKey, ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } }),
  ApiResponse({ status: 200, description: 'The request in its new state.', type: WriteRequestView }),
);

@ApiTags('write-requests')
@Controller({ path: 'write-requests', version: '1' })
export class WriteRequestController {
  constructor(private readonly service: WriteRequestService, private readonly reader: WriteRequestReader) {}

  @Post() @HttpCode(202) @AnyParticipant() @Idempotent() @idempotencyKey
  @operation('requestWrite', 'Ask the deciding system for a value; every participant that may read the record may ask')
  @ApiBody({ schema: writeRequestBodySchema as never })
  @ApiResponse({ status: 202, description: 'Accepted: follow the operation.', type: WriteRequestView, headers: { Location: { description: 'The operation.', schema: { type: 'string' } } } })
  async request(@CallContext() context: RequestContext, @Body() body: unknown): Promise<Reply> {
    const request = await this.service.request(context, parseWish(body));
    return accepted(`/v1/operations/${request.id}`, toWriteRequestView(request));
  }

  @Get() @AnyParticipant()
  @operation('listWriteRequests', 'List your write requests, newest first; those of everybody with write-back.read')
  @ApiQuery({ name: 'filter[state][eq]', required: false, schema: { type: 'string' }, example: 'awaiting-approval' })
  @ApiQuery({ name: 'filter[recordType][eq]', required: false, schema: { type: 'string' }, example: 'item' })
  @ApiQuery({ name: 'filter[recordId][eq]', required: false, schema: { type: 'string' } })
  @ApiQuery({ name: 'filter[targetSystem][eq]', required: false, schema: { type: 'string' }, example: 'CE' })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 } })
  @ApiQuery({ name: 'cursor', required: false, schema: { type: 'string' } })
  @ApiResponse({ status: 200, description: 'One page.', type: WriteRequestPageView })
  async list(@CallContext() context: RequestContext, @Req() request: { url: string }): Promise<Reply> {
    const { data, nextCursor } = await this.reader.list(context, request.url.split('?')[1] ?? '');
    return listReply(request.url, data.map(toWriteRequestView), nextCursor);
  }

  @Get(':id') @AnyParticipant()
  @operation('getWriteRequest', 'A write request: its state, what the guards found, and what the owner held and answered')
  @ApiResponse({ status: 200, description: 'The write request.', type: WriteRequestView })
  async read(@CallContext() context: RequestContext, @Param('id') id: string): Promise<Reply> {
    return reply(await this.reader.one(context, id));
  }

  @Post(':id/~approve') @Permission('write-back.approve') @verb('approveWriteRequest', 'Let a request go out that waits for approval; never your own')
  async approve(@CallContext() context: RequestContext, @Param('id') id: string, @Body() body: DecisionBody): Promise<Reply> {
    return reply(await this.service.approve(context, idOf(id), body?.reason));
  }

  @Post(':id/~reject') @Permission('write-back.approve') @verb('rejectWriteRequest', 'Refuse a request that waits for approval; never your own')
  async reject(@CallContext() context: RequestContext, @Param('id') id: string, @Body() body: DecisionBody): Promise<Reply> {
    return reply(await this.service.reject(context, idOf(id), body?.reason));
  }

  @Post(':id/~cancel') @AnyParticipant() @verb('cancelWriteRequest', 'Take a request back that has not gone out')
  async cancel(@CallContext() context: RequestContext, @Param('id') id: string, @Body() body: DecisionBody): Promise<Reply> {
    return reply(await this.service.cancel(context, idOf(id), body?.reason));
  }

  @Post(':id/~retry') @Permission('write-back.write') @verb('retryWriteRequest', 'Look up and send again a request that waits for review')
  async retry(@CallContext() context: RequestContext, @Param('id') id: string, @Body() body: DecisionBody): Promise<Reply> {
    return reply(await this.service.retry(context, idOf(id), body?.reason));
  }

  @Post(':id/~close') @Permission('write-back.write') @verb('closeWriteRequest', 'End a request that waits for review: what the owner holds stands')
  async close(@CallContext() context: RequestContext, @Param('id') id: string, @Body() body: DecisionBody): Promise<Reply> {
    return reply(await this.service.close(context, idOf(id), body?.reason));
  }
}

const reply = (request: WriteRequest): Reply => ok(toWriteRequestView(request), { ETag: etagOf(request.version) });

function idOf(id: string): string {
  if (!isUuid(id)) throw writeRequestNotFound();
  return id;
}
