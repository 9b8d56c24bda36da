import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError, ClientSecrets, Clock, gatewayContext, type Database } from '@datum/platform';
import { testDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { ParticipantService } from './participant.service.js';
import type { SystemInput } from './records.js';
import { isGln } from './registry.checks.js';
import { RegistryDirectory } from './registry.directory.js';
import { registryEntities } from './registry.entities.js';
import { RegistryService } from './registry.service.js';
import { RegistryWriter } from './registry.writer.js';

const site = {
  code: 'A', name: 'Toledo', gln: '0614141002016', country: 'US', timeZone: 'America/New_York', currency: 'USD', kind: 'plant', mode: 'live',
} as const;
const context = gatewayContext();
const masterKey = Buffer.alloc(32, 7);

let db: TestDatabase;
let registry: RegistryService;
let participants: ParticipantService;
let directory: RegistryDirectory;

function build(database: Database) {
  const directory = new RegistryDirectory(database);
  const writer = new RegistryWriter(database, directory, new Clock());
  const participants = new ParticipantService(writer, new ClientSecrets(masterKey));
  return { directory, participants, registry: new RegistryService(database, writer, directory, participants) };
}

const system = (code: string, kind: SystemInput['kind'], siteCodes: string[] = []): SystemInput => ({ code, kind, siteCodes, state: 'active' });
const ledgerOf = (recordType: string) => db.database.query<{ version: number; event_type: string; op: string; after_image: string; changes: string }>(
  `SELECT version, event_type, op, after_image, changes FROM ledger WHERE record_type = $1 ORDER BY id`, [recordType]);
const refusal = (work: Promise<unknown>): Promise<AppError> => work.then(
  () => { throw new Error('It was accepted.'); },
  (error: unknown) => { if (error instanceof AppError) return error; throw error; });

beforeAll(async () => {
  db = await testDatabase({ entities: registryEntities });
  ({ directory, participants, registry } = build(db.database));
  await registry.putSite(context, site);
  await registry.putSite(context, { ...site, code: 'E', name: 'Brno', gln: null, country: 'CZ', timeZone: 'Europe/Prague', currency: 'EUR' });
  for (const each of [system('CE', 'corp-erp'), system('LEG1', 'legacy-erp', ['A']), system('CLD-EU', 'cloud-erp', ['E']), system('MES-A', 'mes', ['A'])]) {
    await registry.putSystem(context, each);
  }
});
afterAll(() => db?.close());

describe('the tables', () => {
  it('are what the entities say', async () => {
    const log = await db.dataSource.driver.createSchemaBuilder().log();
    expect(log.upQueries.map((each) => each.query)).toEqual([]);
  });
});

describe('sites and systems', () => {
  it('are found by site and kind', () => {
    expect(directory.systemsOf('A', 'legacy-erp')).toEqual(['LEG1']);
    expect(directory.systemsOf('E', 'cloud-erp')).toEqual(['CLD-EU']);
    expect(directory.systemsOf('E', 'mes')).toEqual([]);
    expect(directory.systemsOf('*', 'corp-erp')).toEqual(['CE']);
    expect(directory.site('A')?.timeZone).toBe('America/New_York');
  });

  it('leave a retired system out', async () => {
    await registry.putSystem(context, system('WMS-OLD', 'wms', ['A']));
    expect(directory.systemsOf('A', 'wms')).toEqual(['WMS-OLD']);
    await registry.putSystem(context, { ...system('WMS-OLD', 'wms', ['A']), state: 'retired' });
    expect(directory.systemsOf('A', 'wms')).toEqual([]);
  });

  it('write one ledger row per change, and none for the same content again', async () => {
    const before = (await ledgerOf('system')).length;
    const first = await registry.putSystem(context, { ...system('TMS', 'tms'), callBudget: { callsPerSecond: 5, parallel: 2 } });
    const again = await registry.putSystem(context, { ...system('TMS', 'tms'), callBudget: { parallel: 2, callsPerSecond: 5 } });
    const patched = await registry.patchSystem(context, 'TMS', { callBudget: { parallel: 3 }, vendor: 'Roads' }, { ifMatch: { versions: [1] } });
    expect([first.created, again.created, again.record.version, patched.version]).toEqual([true, false, 1, 2]);
    expect(patched.callBudget).toEqual({ callsPerSecond: 5, parallel: 3 });
    const rows = (await ledgerOf('system')).slice(before);
    expect(rows.map((row) => [row.event_type, row.op, row.version])).toEqual([
      ['datum.registry.system.created.v1', 'create', 1], ['datum.registry.system.updated.v1', 'update', 2],
    ]);
    expect(JSON.parse(rows[1]!.changes)).toEqual({ callBudget: { callsPerSecond: 5, parallel: 3 }, vendor: 'Roads' });
  });

  it('are changed only from the version that was read', async () => {
    expect((await refusal(registry.patchSystem(context, 'CE', { vendor: 'x' }, {}))).status).toBe(428);
    expect((await refusal(registry.patchSystem(context, 'CE', { vendor: 'x' }, { ifMatch: { versions: [99] } }))).status).toBe(412);
    expect((await refusal(registry.putSite(context, site, { createOnly: true }))).status).toBe(412);
    expect((await refusal(registry.patchSystem(context, 'NONE', {}, { ifMatch: '*' }))).status).toBe(404);
  });

  it('refuse what cannot be, and name it', async () => {
    const pointers = async (work: Promise<unknown>) => (await refusal(work)).errors.map((each) => each.pointer);
    expect(await pointers(registry.putSite(context, { ...site, gln: '0614141002017' }))).toEqual(['#/gln']);
    expect(await pointers(registry.putSite(context, { ...site, timeZone: 'Mars/Base', country: 'usa' }))).toEqual(['#/country', '#/timeZone']);
    expect(await pointers(registry.putSystem(context, system('X1', 'mes', ['A', 'NOWHERE'])))).toEqual(['#/siteCodes/1']);
    expect(await pointers(registry.putSystem(context, { ...system('X1', 'mes'), callBudget: { callsPerSecond: 0, parallel: 1.5 } })))
      .toEqual(['#/callBudget/callsPerSecond', '#/callBudget/parallel']);
    expect(directory.system('X1')).toBeUndefined();
  });

  it('take their freshness from the last sign of life, which makes no version', async () => {
    await registry.putSystem(context, { ...system('MES-A', 'mes', ['A']), freshness: { maxAgeSeconds: 900 } });
    const { version } = directory.system('MES-A')!;
    expect(directory.freshnessOf('CE')).toBeUndefined();
    await registry.systemSeen(context, 'MES-A', '2026-03-04T14:05:00Z');
    await registry.systemSeen(context, 'MES-A', '2026-03-04T14:00:00Z');
    expect(directory.freshnessOf('MES-A')).toEqual({ maxAgeSeconds: 900, lastSeenAt: '2026-03-04T14:05:00Z' });
    const other = build(db.database).directory;
    await other.refresh();
    expect(other.freshnessOf('MES-A')?.lastSeenAt).toBe('2026-03-04T14:05:00Z');
    expect(other.system('MES-A')?.version).toBe(version);
  });

  it('know the GS1 check digit', () => {
    expect(['0614141002016', '0614141002023', '0614141002009'].every(isGln)).toBe(true);
    expect(['0614141002015', '614141002016', '061414100201X'].some(isGln)).toBe(false);
  });
});

describe('participants and credentials', () => {
  const isKnown = async (clientId: string) => {
    const known = [directory.usableClient(clientId) !== undefined, (await directory.credentialFacts(clientId)) !== undefined];
    expect(known[0]).toBe(known[1]);
    return known[0];
  };

  it('show a secret once: it is in no table', async () => {
    const { clientId, clientSecret, participant } = await registry.addParticipant(context, { name: 'planning', systemCode: 'CE' });
    expect(clientSecret).toMatch(/^dsk_[\w-]{43}$/);
    const rotated = await participants.rotateCredential(context, participant.id, clientId);
    const { tables } = (await db.database.query<{ tables: string[] }>(
      `SELECT array_agg(quote_ident(relname)) AS tables FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`))[0]!;
    for (const table of tables) {
      const rows = await db.database.query(`SELECT 1 FROM ${table} t WHERE t::text LIKE $1 OR t::text LIKE $2`,
        [`%${clientSecret.slice(4)}%`, `%${rotated.clientSecret!.slice(4)}%`]);
      expect(rows, table).toEqual([]);
    }
    const images = (await ledgerOf('credential')).map((row) => row.after_image).join();
    const [stored] = await db.database.query<{ hash: string }>(`SELECT secret_hash AS hash FROM credential WHERE client_id = $1`, [clientId]);
    expect(images).toContain(clientId);
    expect(images).not.toContain(stored!.hash);
  });

  it('start in the sandbox with reading only, and get live credentials after approval', async () => {
    const { participant, credential } = await registry.addParticipant(context, { name: 'vendor', systemCode: 'TMS' });
    expect([participant.state, credential.kind, credential.scopes]).toEqual(['sandbox', 'sandbox', ['item.read']]);
    const write = { kind: 'sandbox', scopes: ['item.write'] } as const;
    const live = { kind: 'live', scopes: ['item.write'], sites: ['A'] } as const;
    expect((await refusal(participants.addCredential(context, participant.id, { ...write, scopes: [...write.scopes] }))).status).toBe(422);
    const liveInput = { ...live, scopes: [...live.scopes], sites: [...live.sites] };
    expect((await refusal(participants.addCredential(context, participant.id, liveInput))).errors[0]?.code).toBe('credential.too-early');
    expect((await refusal(participants.moveParticipant(context, participant.id, 'live'))).code).toBe('participant.step-refused');
    for (const state of ['conformance', 'approved', 'live'] as const) await participants.moveParticipant(context, participant.id, state);
    const { credential: granted } = await participants.addCredential(context, participant.id, liveInput);
    expect(granted.sites).toEqual(['A']);
  });

  it('stop at once when revoked, or when their participant is suspended', async () => {
    const { participant, clientId } = await registry.addParticipant(context, { name: 'tms-link', systemCode: 'TMS' });
    const second = await participants.addCredential(context, participant.id, { kind: 'sandbox', scopes: ['item.read'] });
    expect(await isKnown(clientId)).toBe(true);
    await participants.revokeCredential(context, participant.id, clientId);
    expect(await isKnown(clientId)).toBe(false);
    expect((await refusal(participants.rotateCredential(context, participant.id, clientId))).status).toBe(404);
    expect(await isKnown(second.credential.clientId)).toBe(true);
    await participants.moveParticipant(context, participant.id, 'suspended');
    expect(await isKnown(second.credential.clientId)).toBe(false);
  });

  it('stop in another process with its next look at the revision', async () => {
    const { participant, clientId } = await registry.addParticipant(context, { name: 'other-process', systemCode: 'TMS' });
    const other = build(db.database).directory;
    await other.refresh();
    let told = 0;
    other.onCredentialsChanged(() => { told += 1; });
    await other.poll();
    expect([told, await other.credentialFacts(clientId) !== undefined]).toEqual([0, true]);
    await participants.revokeCredential(context, participant.id, clientId);
    await other.poll();
    expect([told, await other.credentialFacts(clientId)]).toEqual([1, undefined]);
  });

  it('refuse a name twice and unknown systems', async () => {
    expect((await refusal(registry.addParticipant(context, { name: 'planning', systemCode: 'CE' }))).status).toBe(409);
    expect((await refusal(registry.addParticipant(context, { name: 'nobody', systemCode: 'NOPE' }))).errors[0]?.pointer).toBe('#/systemCode');
  });

  it('leave nothing behind when the transaction around them fails', async () => {
    const before = directory.sites().length;
    await expect(db.database.transaction(context, async (tx) => {
      await registry.putSite(tx, { ...site, code: 'GONE', gln: null });
      throw new Error('later');
    })).rejects.toThrow('later');
    await directory.refreshIfChanged();
    expect(directory.sites().length).toBe(before);
  });
});
