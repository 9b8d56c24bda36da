import { Global, Module } from '@nestjs/common';
import { AuditReader, WriteRequestPort } from '@datum/governed';
import { InboundRefusalController } from './inbound/inbound-refusal.controller.js';
import { InboundRefusalReader } from './inbound/inbound-refusal.reader.js';
import { writeRequestAudit } from './write-request.audit.js';
import { WriteRequestController } from './write-request.controller.js';
import { WriteRequestIntake } from './write-request.intake.js';
import { WriteRequestJournal } from './write-request.journal.js';
import { WriteRequestReader } from './write-request.reader.js';
import { WriteRequestResolver } from './write-request.resolver.js';
import { WriteRequestService } from './write-request.service.js';
import { WriteRequestSignal } from './write-request.signal.js';

/** Write requests as the gateway takes them in. What brings them to the ERPs is `WriteBackWorkerModule`. */
@Global()
@Module({
  controllers: [WriteRequestController, InboundRefusalController],
  providers: [
    WriteRequestIntake, WriteRequestJournal, WriteRequestReader, WriteRequestResolver, WriteRequestService, WriteRequestSignal, InboundRefusalReader,
    { provide: WriteRequestPort, useExisting: WriteRequestService },
  ],
  exports: [WriteRequestService, WriteRequestReader, WriteRequestJournal, WriteRequestSignal, WriteRequestPort],
})
export class WriteBackModule {
  constructor(audit: AuditReader) {
    audit.add(writeRequestAudit);
  }
}
