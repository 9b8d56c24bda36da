import { Module, type DynamicModule } from '@nestjs/common';
import { AdapterRegistry } from './adapter-registry.js';
import { DispatchDecision } from './dispatch/dispatch-decision.js';
import { DispatchRun } from './dispatch/dispatch-run.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { ErpGate } from './dispatch/erp-gate.js';
import { GoldenApply } from './dispatch/golden-apply.js';
import { ErpTargets } from './erp-target.js';
import { RequestSteps } from './dispatch/request-steps.js';
import { InboundLook } from './inbound/inbound-look.js';
import { InboundReconciliation } from './inbound/inbound-reconciliation.js';
import { Inbox } from './inbound/inbox.js';
import { InboundPuller } from './inbound/puller.js';
import { WriteBackModule } from './write-back.module.js';
import { CHECKPOINT, defaultWriteBackSettings, WRITE_BACK_SETTINGS, type Checkpoint, type WriteBackSettings } from './write-back.settings.js';

export interface WriteBackWorkerOptions {
  settings?: Partial<WriteBackSettings>;
  /** Called at each step; for tests that end the worker there. */
  checkpoint?: Checkpoint | undefined;
}

/** What talks to the ERPs: dispatch of write requests and pulls of the ERPs' own changes. Started and stopped by the app. */
@Module({})
export class WriteBackWorkerModule {
  static forRoot({ settings, checkpoint }: WriteBackWorkerOptions = {}): DynamicModule {
    return {
      module: WriteBackWorkerModule,
      imports: [WriteBackModule],
      providers: [
        AdapterRegistry, DispatchDecision, Dispatcher, DispatchRun, ErpGate, ErpTargets, GoldenApply, Inbox, InboundPuller, InboundReconciliation, InboundLook, RequestSteps,
        { provide: WRITE_BACK_SETTINGS, useValue: { ...defaultWriteBackSettings, ...settings } },
        { provide: CHECKPOINT, useValue: checkpoint },
      ],
      exports: [AdapterRegistry, Dispatcher, InboundPuller],
    };
  }
}
