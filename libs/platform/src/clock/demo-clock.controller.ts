import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiProperty, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import { IsBoolean, IsISO8601, IsOptional } from 'class-validator';
import { AnyParticipant, Permission } from '../auth/permission.js';
import { Idempotent } from '../http/idempotency.interceptor.js';
import { ok, type Reply } from '../http/reply.js';
import { conflict, invalid } from '../errors/app-error.js';
import { parseInstant } from '../values/instant.js';
import { Clock } from './clock.js';

export class ClockView {
  @ApiProperty({ type: String, format: 'date-time', example: '2026-03-04T14:00:00Z', description: 'Business time.' }) now: string;
  @ApiProperty({ type: Boolean, example: true, description: 'Whether business time is simulated.' }) simulated: boolean;
}

export class SetClockBody {
  @ApiProperty({ type: String, format: 'date-time', example: '2026-03-04T15:16:00Z', description: 'Business time to go to.' })
  @IsISO8601()
  now: string;

  @ApiPropertyOptional({ type: Boolean, example: false, description: 'Stand still there.' })
  @IsOptional() @IsBoolean()
  frozen?: boolean;
}

/** Business time of a demo or scenario. Real installations only read it. */
@ApiTags('demo')
@Controller({ path: 'demo/clock', version: '1' })
export class DemoClockController {
  constructor(private readonly clock: Clock) {}

  @Get() @AnyParticipant()
  @ApiOperation({ operationId: 'getClock', summary: 'Business time, and whether it is simulated', 'x-since': '0.1.0' } as object)
  @ApiResponse({ status: 200, description: 'Business time.', type: ClockView })
  read(): Reply<ClockView> {
    return ok({ now: this.clock.now(), simulated: this.clock.simulated });
  }

  @Post() @HttpCode(200) @Permission('demo.admin') @Idempotent()
  @ApiOperation({ operationId: 'setClock', summary: 'Move simulated business time (demo only)', 'x-since': '0.1.0' } as object)
  @ApiBody({ type: SetClockBody })
  @ApiResponse({ status: 200, description: 'Business time afterwards.', type: ClockView })
  set(@Body() body: SetClockBody): Reply<ClockView> {
    if (!this.clock.simulated) throw conflict('clock.real', 'Business time is real here: start with DATUM_CLOCK=sim.');
    const instant = parseInstant(body.now);
    if (instant === undefined) throw invalid('Not an instant.', [{ pointer: '#/now', code: 'instant.invalid', detail: 'An RFC 3339 instant is expected.' }]);
    this.clock.set(instant, body.frozen === undefined ? {} : { frozen: body.frozen });
    return this.read();
  }
}
