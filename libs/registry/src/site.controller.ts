import { Body, Controller, Get, Param, Put, Req } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import {
  AnyParticipant, CallContext, created, etagOf, listReply, ok, Permission, rawQueryOf, type Reply, type RequestContext,
} from '@datum/platform';
import { SitePage } from './page.view.js';
import { preconditionOf } from './precondition.js';
import { RegistryReader } from './registry.reader.js';
import { RegistryService } from './registry.service.js';
import { SiteBody } from './site.body.js';
import { SiteView, toSiteView } from './site.view.js';

@ApiTags('Registry')
@Controller({ path: 'sites', version: '1' })
export class SiteController {
  constructor(private readonly reader: RegistryReader, private readonly registry: RegistryService) {}

  @Get()
  @AnyParticipant()
  @ApiOperation({ operationId: 'listSites', summary: 'List the sites', description: 'In order of code. Filters: code, kind, mode.', 'x-since': '0.1.0' } as object)
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 } })
  @ApiQuery({ name: 'cursor', required: false, schema: { type: 'string' } })
  @ApiResponse({ status: 200, type: SitePage, description: 'One page.' })
  async listSites(@CallContext() context: RequestContext, @Req() request: FastifyRequest): Promise<Reply> {
    const { data, nextCursor } = await this.reader.sites(context, rawQueryOf(request));
    return listReply(request.url, data.map(toSiteView), nextCursor);
  }

  @Get(':code')
  @AnyParticipant()
  @ApiOperation({ operationId: 'getSite', summary: 'Get a site by its code', 'x-since': '0.1.0' } as object)
  @ApiResponse({ status: 200, type: SiteView, description: 'The site, with its ETag.' })
  @ApiResponse({ status: 404, description: 'There is no such site.' })
  async getSite(@Param('code') code: string): Promise<Reply> {
    const site = await this.reader.site(code);
    return ok(toSiteView(site), { ETag: etagOf(site.version) });
  }

  @Put(':code')
  @Permission('registry.admin')
  @ApiOperation({ operationId: 'putSite', summary: 'Create a site, or replace what is known of it', 'x-since': '0.1.0' } as object)
  @ApiHeader({ name: 'If-Match', required: false, description: 'The ETag of the version that is replaced.' })
  @ApiHeader({ name: 'If-None-Match', required: false, description: '* to create only.' })
  @ApiResponse({ status: 200, type: SiteView, description: 'Replaced.' })
  @ApiResponse({ status: 201, type: SiteView, description: 'Created.' })
  @ApiResponse({ status: 412, description: 'The site has changed, or exists already.' })
  @ApiResponse({ status: 422, description: 'Some values are not accepted.' })
  @ApiResponse({ status: 428, description: 'Neither If-Match nor If-None-Match.' })
  async putSite(
    @CallContext() context: RequestContext, @Param('code') code: string, @Body() body: SiteBody, @Req() request: FastifyRequest,
  ): Promise<Reply> {
    const result = await this.registry.putSite(context, { ...body, code }, preconditionOf(request));
    const headers = { ETag: etagOf(result.record.version) };
    return result.created ? created(`/v1/sites/${code}`, toSiteView(result.record), headers) : ok(toSiteView(result.record), headers);
  }
}
