import { Controller, Get, Header, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/permission.js';
import { HealthRegistry, type HealthReport } from './health-registry.js';

class LiveView {
  @ApiProperty({ type: String, example: 'live' }) status: 'live';
}

class ReadyView implements HealthReport {
  @ApiProperty({ type: String, enum: ['ready', 'degraded', 'starting', 'unready', 'draining'], example: 'ready' }) status: HealthReport['status'];
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string', enum: ['ok', 'failed'] }, example: { database: 'ok', ownership: 'ok' } }) checks: HealthReport['checks'];
}

/** For load balancers and orchestrators. Liveness never touches the database: a database that is down is no reason to be restarted. */
@ApiTags('health')
@Controller({ path: 'health', version: VERSION_NEUTRAL })
export class HealthController {
  constructor(private readonly health: HealthRegistry) {}

  @Get('live')
  @Public()
  @ApiOperation({ operationId: 'getLiveness', summary: 'The process is up' })
  @ApiResponse({ status: 200, description: 'Up.', type: LiveView })
  @Header('Cache-Control', 'no-store')
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  @Public()
  @ApiOperation({ operationId: 'getReadiness', summary: 'Whether the process may be given work' })
  @ApiResponse({ status: 200, description: 'Ready, or degraded in a part that is not vital.', type: ReadyView })
  @ApiResponse({ status: 503, description: 'Not ready; see Retry-After.', type: ReadyView })
  @Header('Cache-Control', 'no-store')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthReport> {
    const report = await this.health.report();
    if (report.status !== 'ready' && report.status !== 'degraded') reply.status(503).header('Retry-After', '2');
    return report;
  }
}
