import { Resolver } from '@nestjs/graphql';
import { recordResolver, viewsOf } from '@datum/governed';
import { itemRecord } from '@datum/items';
import { toolRecord } from './tool.record.js';

@Resolver(() => viewsOf(toolRecord).view)
export class ToolResolver extends recordResolver(toolRecord, { relations: [itemRecord] }) {}
