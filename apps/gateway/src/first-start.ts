import fs from 'node:fs/promises';
import path from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { Clock, Database, gatewayContext, logger } from '@datum/platform';
import { ParticipantService, RegistryDirectory, RegistryService } from '@datum/registry';
import { OwnershipService } from '@datum/ownership';
import { RecordWriter } from '@datum/governed';
import { seedOwnership, seedVocabularies } from '@datum/governance';
import { nobodyIsKnown } from './first-start.repository.js';

/** Enough to let others in and to give them rules; values of the business are not the administrator's. */
const scopes = ['audit.read', 'governance.decide', 'metrics.read', 'operation.admin', 'ownership.read', 'ownership.write', 'registry.admin', 'registry.read'];

export interface FirstStartSettings { home: string; publicUrl: string }

/**
 * An empty installation lets nobody in, so nobody could let anybody in. The first start registers the gateway itself, puts the default ownership in force and
 * makes one administrator, whose credential goes to `<home>/admin.json` (0600) and nowhere else. Every later start finds somebody and changes nothing.
 * @returns the file, when it was written
 */
export async function firstStart(app: INestApplicationContext, { home, publicUrl }: FirstStartSettings): Promise<string | undefined> {
  const ownership = app.get(OwnershipService);
  const file = path.join(home, 'admin.json');
  const made = await app.get(Database).transaction(gatewayContext(), async (tx) => {
    if (!(await nobodyIsKnown(tx.tx))) return false;
    await app.get(RegistryService).putSystem(tx, { code: 'GW', name: 'The gateway itself', kind: 'gateway', siteCodes: [], state: 'active' });
    const { clientId, clientSecret } = await app.get(ParticipantService).addParticipant(tx, {
      name: 'admin', systemCode: 'GW', state: 'live', credential: { kind: 'live', scopes },
    });
    await seedOwnership({ writer: app.get(RecordWriter), ownership }, tx, { effectiveFrom: app.get(Clock).now(), stewardDomain: new URL(publicUrl).hostname });
    // Before the commit: an administrator whose secret was lost in a crash could not be made again.
    await fs.mkdir(home, { recursive: true, mode: 0o700 });
    await fs.writeFile(file, `${JSON.stringify({ admin: { clientId, clientSecret, scopes } }, null, 2)}\n`, { mode: 0o600 });
    return true;
  });
  if (!made) return undefined;
  await app.get(RegistryDirectory).refresh();
  await ownership.refresh();
  await seedVocabularies(app.get(RecordWriter), gatewayContext(), { validFrom: app.get(Clock).now() });
  logger().info({ file }, 'first start: the administrator can log in');
  return file;
}
