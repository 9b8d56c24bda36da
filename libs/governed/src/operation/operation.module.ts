import { Global, Module } from '@nestjs/common';
import { OperationController } from './operation.controller.js';
import { OperationReader } from './operation.reader.js';
import { OperationResolver } from './operation.resolver.js';
import { OperationService } from './operation.service.js';

/** Asynchronous work, for every room that answers 202. */
@Global()
@Module({ controllers: [OperationController], providers: [OperationService, OperationReader, OperationResolver], exports: [OperationService, OperationReader] })
export class OperationModule {}
