import { Global, Module } from '@nestjs/common';
import { NodeResolver, NodeSource } from '@datum/platform';
import { AuditController } from './audit.controller.js';
import { AuditReader } from './audit.reader.js';
import { BulkController } from './bulk/bulk.controller.js';
import { BulkImportPort } from './bulk-import.port.js';
import { BulkImportService } from './bulk/bulk-import.service.js';
import { BulkResultsReader } from './bulk/bulk-results.reader.js';
import { BulkWorker } from './bulk/bulk.worker.js';
import { ChangeFeed } from './change-feed.js';
import { OwnershipService } from '@datum/ownership';
import { FollowLedger } from './follow-ledger.js';
import { PolicyGuards } from './guard.js';
import { HistoryReader } from './history.reader.js';
import { localKeyGuard } from './local-key.guard.js';
import { localKeyRecord } from './local-key.record.js';
import { LocalKeyController, LocalKeyResolver } from './local-key.api.js';
import { OperationModule } from './operation/operation.module.js';
import { RecordApi } from './record.api.js';
import { RecordCache } from './record-cache.js';
import { RecordCatalogue } from './record-catalogue.js';
import { GraphqlRecords } from './record.graphql.js';
import { RecordReader } from './record.reader.js';
import { RecordWriter } from './record.writer.js';
import { SignsOfLife } from './signs-of-life.js';
import { WriteObserver } from './write-observer.js';

const services = [
  AuditReader, BulkWorker, ChangeFeed, GraphqlRecords, HistoryReader, PolicyGuards, RecordApi, RecordCache, RecordCatalogue, RecordReader, RecordWriter, WriteObserver, OwnershipService, SignsOfLife,
];

/** The governed record: what every domain calls instead of writing it again. */
@Global()
@Module({ imports: [OperationModule], controllers: [LocalKeyController, AuditController, BulkController], providers: [...services, BulkImportService, BulkResultsReader, { provide: BulkImportPort, useExisting: BulkImportService }, FollowLedger, LocalKeyResolver, NodeResolver, { provide: NodeSource, useExisting: GraphqlRecords }], exports: services })
export class GovernedModule {
  constructor(catalogue: RecordCatalogue, guards: PolicyGuards) {
    catalogue.add(localKeyRecord);
    guards.add(localKeyGuard(catalogue));
  }
}
