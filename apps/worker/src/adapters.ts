import { logError, logger, runLoop, type Loop } from '@datum/platform';
import type { RegistryDirectory, SystemRecord } from '@datum/registry';
import { createRestErp } from '@datum/erp-rest';
import { createTrytonErp } from '@datum/erp-tryton';
import type { AdapterRegistry, ErpPort } from '@datum/write-back';

/** What `capabilities.adapter` of a registered system says. */
interface AdapterSetting {
  /** Which adapter. */
  kind: 'rest' | 'tryton';
  /** Where the ERP listens; goes before the address in the configuration. */
  url?: string;
  /** What the adapter itself asks for; see its room. Secrets stand in it by reference name. */
  configuration: Record<string, unknown>;
  /** One secret for every name that the configuration uses. */
  secretRef?: string;
  /** ISO 4217 code of amounts that the ERP keeps without one. */
  currency?: string;
}

type Secrets = (name: string) => Promise<string>;

const makers: Record<AdapterSetting['kind'], (setting: AdapterSetting, secrets: Secrets) => ErpPort> = {
  rest: ({ configuration, url }, secrets) => createRestErp(configuration, { secrets, ...(url ? { baseUrl: url } : {}) }),
  tryton: ({ configuration, url }, secrets) => createTrytonErp({ ...configuration, ...(url ? { baseUrl: url } : {}) }, secrets),
};

/** Keeps the adapters of this process as the registry says: the only place that names an ERP product. */
export class ConfiguredAdapters {
  private readonly made = new Map<string, { version: number; port: ErpPort | undefined }>();
  private loop: Loop | undefined;

  constructor(private readonly directory: RegistryDirectory, private readonly registry: AdapterRegistry, private readonly secrets: Secrets) {}

  /** Makes those there are, and follows the registry from then on. */
  async start(everyMs = 1_000): Promise<void> {
    await this.compare();
    this.loop = runLoop('erp-adapters', () => this.compare(), { intervalMs: everyMs });
  }

  async stop(): Promise<void> {
    await this.loop?.stop();
    for (const [code, { port }] of this.made) {
      this.registry.set(code, undefined);
      await port?.close();
    }
    this.made.clear();
  }

  private async compare(): Promise<void> {
    for (const system of this.directory.systems()) {
      const setting = settingOf(system);
      const before = this.made.get(system.code);
      if (before?.version === system.version || (!before && !setting)) continue;
      const port = setting ? this.make(system.code, setting) : undefined;
      this.made.set(system.code, { version: system.version, port });
      this.registry.set(system.code, port);
      await before?.port?.close();
    }
  }

  private make(code: string, setting: AdapterSetting): ErpPort | undefined {
    try {
      const { secretRef } = setting;
      const port = makers[setting.kind](setting, secretRef ? () => this.secrets(secretRef) : this.secrets);
      logger().info({ system: code, product: port.manifest.product, provenBy: port.manifest.provenBy }, 'an ERP adapter is set up');
      return port;
    } catch (error) {
      logError(error, { system: code, adapter: setting.kind });
      return undefined;
    }
  }
}

function settingOf({ capabilities, state }: SystemRecord): AdapterSetting | undefined {
  const setting = capabilities.adapter as AdapterSetting | undefined;
  return setting && state !== 'retired' && Object.hasOwn(makers, setting.kind) ? setting : undefined;
}
