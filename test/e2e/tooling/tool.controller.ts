import { Controller } from '@nestjs/common';
import { recordController } from '@datum/governed';
import { toolRecord } from './tool.record.js';

@Controller({ path: 'tools', version: '1' })
export class ToolController extends recordController(toolRecord) {}
