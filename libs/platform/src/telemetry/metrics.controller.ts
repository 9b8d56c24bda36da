import { Controller, Get, Header, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Permission } from '../auth/permission.js';
import { metricsContentType, metricsText } from './metrics.js';

/** The process's metrics for Prometheus, on the same listener as everything else, behind a scope of their own. */
@ApiExcludeController()
@Controller({ path: 'metrics', version: VERSION_NEUTRAL })
export class MetricsController {
  @Get()
  @Permission('metrics.read')
  @Header('Content-Type', metricsContentType)
  @Header('Cache-Control', 'no-store')
  text(): Promise<string> {
    return metricsText();
  }
}
