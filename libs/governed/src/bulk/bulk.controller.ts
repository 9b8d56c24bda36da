import { Controller, Get, HttpCode, Param, Post, Req, StreamableFile } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiParam, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Readable } from 'node:stream';
import { AnyParticipant, CallContext, Idempotent, ok, parseRecordQuery, type Reply, type RequestContext } from '@datum/platform';
import { OperationView, toOperationView } from '../operation/operation.view.js';
import { BulkImportService } from './bulk-import.service.js';
import { BulkResultsReader } from './bulk-results.reader.js';

@ApiTags('operations')
@Controller({ path: 'operations', version: '1' })
export class BulkController {
  constructor(private readonly results: BulkResultsReader, private readonly imports: BulkImportService) {}

  @Get(':id/results') @AnyParticipant()
  @ApiOperation({ operationId: 'listOperationResults', summary: 'What became of each row of a bulk import, as far as it was worked off', 'x-since': '0.1.0' } as object)
  @ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } })
  @ApiQuery({ name: 'status', required: false, description: 'Only rows of this status.', schema: { type: 'string', enum: ['created', 'updated', 'unchanged', 'refused'] } })
  @ApiProduces('application/x-ndjson')
  @ApiResponse({ status: 200, description: 'One line per row: {index, status, id, version, etag, problem}.', content: { 'application/x-ndjson': { schema: { type: 'string' } } } })
  async list(@CallContext() context: RequestContext, @Param('id') id: string, @Req() request: { url: string }): Promise<StreamableFile> {
    const { extra } = parseRecordQuery(request.url.split('?')[1] ?? '', { extra: ['status'], without: ['asOf', 'knownAt', 'maxAgeSeconds'] });
    const lines = await this.results.lines(context, id, extra.status);
    return new StreamableFile(Readable.from(lines, { objectMode: false }), { type: 'application/x-ndjson' });
  }

  @Post(':id/~cancel') @HttpCode(200) @AnyParticipant() @Idempotent()
  @ApiOperation({ operationId: 'cancelOperation', summary: 'Stop a bulk import behind the chunk in work; rows that were applied stay', 'x-since': '0.1.0' } as object)
  @ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '16 to 255 characters, one per intent; kept 24 hours.', schema: { type: 'string', minLength: 16, maxLength: 255 } })
  @ApiResponse({ status: 200, description: 'The cancelled operation.', type: OperationView })
  async cancel(@CallContext() context: RequestContext, @Param('id') id: string): Promise<Reply> {
    return ok(toOperationView(await this.imports.cancel(context, id)));
  }
}
