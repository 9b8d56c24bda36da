import './registry.problems.js';
import { Global, Injectable, Module, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { ClientStore, CredentialDirectory } from '@datum/platform';
import { ParticipantController } from './participant.controller.js';
import { ParticipantService } from './participant.service.js';
import { RegistryDirectory } from './registry.directory.js';
import { RegistryReader } from './registry.reader.js';
import { RegistryService } from './registry.service.js';
import { RegistryWriter } from './registry.writer.js';
import { SigningKeyController } from './signing-key.controller.js';
import { SiteController } from './site.controller.js';
import { SystemController } from './system.controller.js';

const pollMs = 1_000;

/** Fills the directory before the first call, and keeps it true when other processes change the registry. */
@Injectable()
export class DirectoryPolling implements OnModuleInit, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly directory: RegistryDirectory) {}

  async onModuleInit(): Promise<void> {
    await this.directory.refresh();
    this.schedule();
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private schedule(): void {
    this.timer = setTimeout(() => void this.poll(), pollMs).unref();
  }

  /** One at a time. While the database does not answer, what is in memory goes on being used. */
  private async poll(): Promise<void> {
    await this.directory.poll().catch(() => undefined);
    if (this.timer) this.schedule();
  }
}

const providers = [
  RegistryDirectory, RegistryService, ParticipantService, RegistryWriter, RegistryReader, DirectoryPolling,
  { provide: CredentialDirectory, useExisting: RegistryDirectory },
  { provide: ClientStore, useExisting: RegistryDirectory },
];

/** Global: authentication asks it, and every room that needs a site or a system. Needs `Database`, `Clock`, `ClientSecrets`, `CursorSigner`. */
@Global()
@Module({
  controllers: [SiteController, SystemController, ParticipantController, SigningKeyController],
  providers,
  exports: [RegistryDirectory, RegistryService, ParticipantService, RegistryReader, CredentialDirectory, ClientStore],
})
export class RegistryModule {}
