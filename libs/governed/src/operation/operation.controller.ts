import { Controller, Get, Param, Req } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AnyParticipant, CallContext, listReply, ok, type Reply, type RequestContext } from '@datum/platform';
import { OperationReader } from './operation.reader.js';
import { OperationPageView, OperationView, toOperationView } from './operation.view.js';

@ApiTags('operations')
@Controller({ path: 'operations', version: '1' })
export class OperationController {
  constructor(private readonly operations: OperationReader) {}

  @Get() @AnyParticipant()
  @ApiOperation({ operationId: 'listOperations', summary: 'List your operations, newest first; all of them with operation.admin', 'x-since': '0.1.0' } as object)
  @ApiQuery({ name: 'filter[status][eq]', required: false, schema: { type: 'string' }, example: 'running' })
  @ApiQuery({ name: 'filter[kind][eq]', required: false, schema: { type: 'string' }, example: 'write-request' })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 } })
  @ApiQuery({ name: 'cursor', required: false, schema: { type: 'string' } })
  @ApiResponse({ status: 200, description: 'One page.', type: OperationPageView })
  async list(@CallContext() context: RequestContext, @Req() request: { url: string }): Promise<Reply> {
    const { data, nextCursor } = await this.operations.list(context, request.url.split('?')[1] ?? '');
    return listReply(request.url, data.map(toOperationView), nextCursor);
  }

  @Get(':id') @AnyParticipant()
  @ApiOperation({ operationId: 'getOperation', summary: 'What became of accepted work', 'x-since': '0.1.0' } as object)
  @ApiResponse({ status: 200, description: 'The operation.', type: OperationView })
  async read(@CallContext() context: RequestContext, @Param('id') id: string): Promise<Reply> {
    return ok(toOperationView(await this.operations.one(context, id)));
  }
}
