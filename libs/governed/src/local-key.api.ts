import { Controller } from '@nestjs/common';
import { Resolver } from '@nestjs/graphql';
import { localKeyRecord } from './local-key.record.js';
import { recordController } from './record.controller.js';
import { recordResolver } from './record.resolver.js';
import { viewsOf } from './record-view.js';

@Controller({ path: 'local-keys', version: '1' })
export class LocalKeyController extends recordController(localKeyRecord) {}

@Resolver(() => viewsOf(localKeyRecord).view)
export class LocalKeyResolver extends recordResolver(localKeyRecord) {}
