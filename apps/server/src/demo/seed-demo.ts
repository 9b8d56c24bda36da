import path from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { gatewayContext, logger } from '@datum/platform';
import { ParticipantService, RegistryDirectory, RegistryReader, RegistryService, type SystemInput } from '@datum/registry';
import { OwnershipService } from '@datum/ownership';
import { RecordCatalogue, RecordWriter } from '@datum/governed';
import { seedOwnership, seedPolicies, seedVocabularies } from '@datum/governance';
import { demoCredentials, type DemoCredentials } from './demo-credentials.js';
import { demoRecords } from './demo-records.js';
import { demoSites, demoSystems } from './demo-registry.js';

/** The demo's rules and opening data hold from here on, in business time. */
const seedFrom = '2026-01-01T00:00:00Z';

export interface DemoSettings {
  home: string;
  /** The repository: where `examples/kestrel` lies. */
  root: string;
  /** How the worker reaches the simulated corporate ERP; stored with the system. */
  corporateErp: Record<string, unknown>;
}

/** Makes the demo enterprise. Everything that is there already is left as it is, so that a second start finds its data again. */
export async function seedDemo(app: INestApplicationContext, settings: DemoSettings): Promise<DemoCredentials> {
  const context = gatewayContext();
  const registry = app.get(RegistryService);
  const directory = app.get(RegistryDirectory);
  for (const site of demoSites) if (!directory.site(site.code)) await registry.putSite(context, site);
  for (const system of demoSystems) {
    const known = directory.system(system.code);
    if (system.code === 'CE') await registry.putSystem(context, withAdapter(known ?? system, settings.corporateErp));
    else if (!known) await registry.putSystem(context, system);
  }
  await directory.refresh();
  const writer = app.get(RecordWriter);
  const catalogue = app.get(RecordCatalogue);
  await seedOwnership({ writer, ownership: app.get(OwnershipService) }, context, { effectiveFrom: seedFrom, stewardDomain: 'kestrel.example' });
  await seedVocabularies(writer, context, { validFrom: seedFrom });
  await seedPolicies({ writer, catalogue }, context, { validFrom: seedFrom });
  const written = await demoRecords({ writer, catalogue }, context, { directory: path.join(settings.root, 'examples/kestrel'), validFrom: seedFrom });
  logger().info({ records: written }, 'demo enterprise is in place');
  const domains = [...new Set(catalogue.all().map(({ domain }) => domain))];
  return demoCredentials({ participants: app.get(ParticipantService), reader: app.get(RegistryReader) }, context, { home: settings.home, domains });
}

/** The simulator listens elsewhere at every start; whatever else was changed about the adapter stays. */
function withAdapter(system: SystemInput, adapter: Record<string, unknown>): SystemInput {
  const { code, name, kind, vendor, productVersion, siteCodes, callBudget, freshness, state, capabilities } = system;
  const known = capabilities?.adapter as Record<string, unknown> | undefined;
  const current = known ? { ...known, url: adapter.url } : adapter;
  return { code, name, kind, vendor, productVersion, siteCodes, callBudget, freshness, state, capabilities: { ...capabilities, adapter: current } };
}
