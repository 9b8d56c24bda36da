import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import { NestLogger, type Loop, type Runtime } from '@datum/platform';
import { BulkWorker } from '@datum/governed';
import { RegistryDirectory } from '@datum/registry';
import { AdapterRegistry, Dispatcher, InboundPuller, type ErpPort, type WriteBackWorkerOptions } from '@datum/write-back';
import { ConfiguredAdapters } from './adapters.js';
import { erpSecrets } from './erp-secrets.js';
import { startHousekeeping, type Housekeeping } from './housekeeping.js';
import { WorkerModule } from './worker.module.js';

export interface WorkerOptions extends WriteBackWorkerOptions {
  /** Ready-made adapters by system code, instead of those that the registry configures. The caller closes them. */
  adapters?: ReadonlyMap<string, ErpPort>;
  /** What this worker leaves to others. Default: it does everything. */
  ticker?: boolean;
  sealer?: boolean;
  pulls?: boolean;
  bulk?: boolean;
}

export interface Worker {
  app: INestApplicationContext;
  dispatcher: Dispatcher;
  puller: InboundPuller;
  start(): void;
  /** Takes nothing new, ends what is under way, and closes. */
  stop(): Promise<void>;
}

/** Makes the worker, ready to start. The runtime may be shared with a gateway in the same process; it stays open. */
export async function createWorker(runtime: Runtime, options: WorkerOptions = {}): Promise<Worker> {
  const settings = { logger: new NestLogger(), abortOnError: false };
  const app = await NestFactory.createApplicationContext(WorkerModule.forRoot(runtime, options), settings);
  const dispatcher = app.get(Dispatcher);
  const puller = app.get(InboundPuller);
  const registry = app.get(AdapterRegistry);
  const configured = options.adapters ? undefined : new ConfiguredAdapters(app.get(RegistryDirectory), registry, erpSecrets(runtime.config.home));
  for (const [code, port] of options.adapters ?? []) registry.set(code, port);
  await configured?.start();
  let housekeeping: Housekeeping | undefined;
  let bulk: Loop | undefined;
  return {
    app, dispatcher, puller,
    start: () => {
      housekeeping = startHousekeeping(runtime, options);
      dispatcher.start();
      if (options.bulk !== false) bulk = app.get(BulkWorker).start();
      if (options.pulls !== false) puller.start();
    },
    stop: async () => {
      await Promise.all([dispatcher.stop(), puller.stop(), bulk?.stop()]);
      await configured?.stop();
      await housekeeping?.stop();
      await app.close();
    },
  };
}
