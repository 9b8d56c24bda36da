import { Controller, Get, Header, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Permission } from '@datum/platform';
import { AuditReader } from './audit.reader.js';

@ApiTags('audit')
@Controller({ path: 'audit', version: '1' })
export class AuditController {
  constructor(private readonly audit: AuditReader) {}

  @Get('export') @Permission('audit.read') @Header('Content-Type', 'application/x-ndjson')
  @ApiOperation({ operationId: 'exportAudit', summary: 'The whole ledger with its sealed blocks and the current records, for offline verification', 'x-since': '0.1.0' } as object)
  @ApiProduces('application/x-ndjson')
  @ApiResponse({ status: 200, description: 'One JSON object per line; check it with `datum verify-audit FILE`.', content: { 'application/x-ndjson': { schema: { type: 'string' } } } })
  export(): StreamableFile {
    return new StreamableFile(this.audit.stream(), { type: 'application/x-ndjson' });
  }
}
