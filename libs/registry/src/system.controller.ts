import { Body, Controller, Get, Param, Patch, Put, Req } from '@nestjs/common';
import { ApiConsumes, ApiHeader, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import {
  AnyParticipant, CallContext, created, etagOf, listReply, ok, Permission, rawQueryOf, type Reply, type RequestContext,
} from '@datum/platform';
import { SystemPage } from './page.view.js';
import { preconditionOf } from './precondition.js';
import type { SystemRecord } from './records.js';
import { RegistryReader } from './registry.reader.js';
import { RegistryService } from './registry.service.js';
import { SystemBody, SystemPatch } from './system.body.js';
import { SystemView, toSystemView } from './system.view.js';

/** Signs of life change the body and not the version, so that they are part of the validator. */
const headersOf = (system: SystemRecord) => ({ ETag: etagOf(system.version, system.lastSeenAt ?? undefined) });

@ApiTags('Registry')
@Controller({ path: 'systems', version: '1' })
export class SystemController {
  constructor(private readonly reader: RegistryReader, private readonly registry: RegistryService) {}

  @Get()
  @AnyParticipant()
  @ApiOperation({ operationId: 'listSystems', summary: 'List the systems', description: 'In order of code. Filters: code, kind, state.', 'x-since': '0.1.0' } as object)
  @ApiQuery({ name: 'site', required: false, schema: { type: 'string' }, description: 'Only systems that serve this site.' })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 } })
  @ApiQuery({ name: 'cursor', required: false, schema: { type: 'string' } })
  @ApiResponse({ status: 200, type: SystemPage, description: 'One page.' })
  async listSystems(@CallContext() context: RequestContext, @Req() request: FastifyRequest): Promise<Reply> {
    const { data, nextCursor } = await this.reader.systems(context, rawQueryOf(request));
    return listReply(request.url, data.map(toSystemView), nextCursor);
  }

  @Get(':code')
  @AnyParticipant()
  @ApiOperation({ operationId: 'getSystem', summary: 'Get a system by its code', 'x-since': '0.1.0' } as object)
  @ApiResponse({ status: 200, type: SystemView, description: 'The system, with its ETag.' })
  @ApiResponse({ status: 404, description: 'There is no such system.' })
  async getSystem(@Param('code') code: string): Promise<Reply> {
    const system = await this.reader.system(code);
    return ok(toSystemView(system), headersOf(system));
  }

  @Put(':code')
  @Permission('registry.admin')
  @ApiOperation({ operationId: 'putSystem', summary: 'Create a system, or replace what is known of it', 'x-since': '0.1.0' } as object)
  @ApiHeader({ name: 'If-Match', required: false, description: 'The ETag of the version that is replaced.' })
  @ApiHeader({ name: 'If-None-Match', required: false, description: '* to create only.' })
  @ApiResponse({ status: 200, type: SystemView, description: 'Replaced.' })
  @ApiResponse({ status: 201, type: SystemView, description: 'Created.' })
  @ApiResponse({ status: 412, description: 'The system has changed, or exists already.' })
  @ApiResponse({ status: 422, description: 'Some values are not accepted.' })
  @ApiResponse({ status: 428, description: 'Neither If-Match nor If-None-Match.' })
  async putSystem(
    @CallContext() context: RequestContext, @Param('code') code: string, @Body() body: SystemBody, @Req() request: FastifyRequest,
  ): Promise<Reply> {
    const result = await this.registry.putSystem(context, { ...body, code }, preconditionOf(request));
    const view = toSystemView(result.record);
    return result.created ? created(`/v1/systems/${code}`, view, headersOf(result.record)) : ok(view, headersOf(result.record));
  }

  @Patch(':code')
  @Permission('registry.admin')
  @ApiOperation({ operationId: 'patchSystem', summary: 'Change a system (merge patch)', 'x-since': '0.1.0' } as object)
  @ApiConsumes('application/merge-patch+json')
  @ApiHeader({ name: 'If-Match', required: true, description: 'The ETag of the version that is changed.' })
  @ApiResponse({ status: 200, type: SystemView, description: 'Changed.' })
  @ApiResponse({ status: 404, description: 'There is no such system.' })
  @ApiResponse({ status: 412, description: 'The system has changed since.' })
  @ApiResponse({ status: 422, description: 'Some values are not accepted.' })
  @ApiResponse({ status: 428, description: 'No If-Match.' })
  async patchSystem(
    @CallContext() context: RequestContext, @Param('code') code: string, @Body() patch: SystemPatch, @Req() request: FastifyRequest,
  ): Promise<Reply> {
    const system = await this.registry.patchSystem(context, code, patch, preconditionOf(request));
    return ok(toSystemView(system), headersOf(system));
  }
}
