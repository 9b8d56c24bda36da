import { Controller, Get, Header, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Permission } from '../auth/permission.js';
import { metricsContentType, metricsText } from './metrics.js';

/** The process's metrics for Prometheus, on the same listener as everything else, behind a scope of their own. */
@ApiTags('metrics')
@Controller({ path: 'metrics', version: VERSION_NEUTRAL })
export class MetricsController {
  @Get()
  @Permission('metrics.read')
  @ApiOperation({ operationId: 'getMetrics', summary: "The process's metrics in Prometheus text format" })
  @ApiProduces('text/plain')
  @ApiResponse({ status: 200, description: 'Metrics.', content: { 'text/plain': { schema: { type: 'string' }, example: 'datum_requests_total 17' } } })
  @Header('Content-Type', metricsContentType)
  @Header('Cache-Control', 'no-store')
  text(): Promise<string> {
    return metricsText();
  }
}
