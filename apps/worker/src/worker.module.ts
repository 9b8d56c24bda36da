import { Module, type DynamicModule } from '@nestjs/common';
import { AuthModule, RuntimeModule, type Runtime } from '@datum/platform';
import { RegistryModule } from '@datum/registry';
import { GovernedModule } from '@datum/governed';
import { WriteBackWorkerModule, type WriteBackWorkerOptions } from '@datum/write-back';
import { domainModules } from './domain-modules.js';

/** The worker: the same rooms as the gateway, without a door. Wiring only. */
@Module({})
export class WorkerModule {
  static forRoot(runtime: Runtime, writeBack: WriteBackWorkerOptions): DynamicModule {
    const { config, masterKey } = runtime;
    return {
      module: WorkerModule,
      imports: [
        RuntimeModule.forRoot(runtime),
        RegistryModule,
        // Nobody logs in here; the registry's services need what it provides.
        AuthModule.forRoot({ issuer: config.publicUrl, audience: `${config.publicUrl}/`, masterKey }),
        GovernedModule,
        ...domainModules,
        WriteBackWorkerModule.forRoot(writeBack),
      ],
    };
  }
}
