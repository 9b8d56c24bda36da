import { Controller, Get, Req } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CallContext, listReply, Permission, type Reply, type RequestContext } from '@datum/platform';
import { InboundRefusalReader } from './inbound-refusal.reader.js';
import { InboundRefusalPageView } from './inbound-refusal.view.js';

/** What the ERPs told us and we did not take over. */
@ApiTags('write-requests')
@Controller({ path: 'inbound-refusals', version: '1' })
export class InboundRefusalController {
  constructor(private readonly reader: InboundRefusalReader) {}

  @Get() @Permission('write-back.read')
  @ApiOperation({ operationId: 'listInboundRefusals', summary: 'Records of the ERPs that were not taken over, newest first', 'x-since': '0.1.0' } as object)
  @ApiQuery({ name: 'filter[system][eq]', required: false, schema: { type: 'string' }, example: 'CE' })
  @ApiQuery({ name: 'filter[recordType][eq]', required: false, schema: { type: 'string' }, example: 'item' })
  @ApiQuery({ name: 'filter[key][eq]', required: false, schema: { type: 'string' } })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 } })
  @ApiQuery({ name: 'cursor', required: false, schema: { type: 'string' } })
  @ApiResponse({ status: 200, description: 'One page of those that are still open.', type: InboundRefusalPageView })
  async list(@CallContext() context: RequestContext, @Req() request: { url: string }): Promise<Reply> {
    const { data, nextCursor } = await this.reader.list(context, request.url.split('?')[1] ?? '');
    return listReply(request.url, data, nextCursor);
  }
}
