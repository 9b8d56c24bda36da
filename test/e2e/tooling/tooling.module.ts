import { Module } from '@nestjs/common';
import { RecordCatalogue } from '@datum/governed';
import { ToolController } from './tool.controller.js';
import { toolRecord } from './tool.record.js';
import { ToolResolver } from './tool.resolver.js';

@Module({ controllers: [ToolController], providers: [ToolResolver] })
export class ToolingModule {
  constructor(catalogue: RecordCatalogue) {
    catalogue.add(toolRecord);
  }
}
