import fs from 'node:fs/promises';
import path from 'node:path';
import type { RecordChange } from '@datum/governed';

/** Rows of one record type, said by one system: the demo's master data goes in through the same door as anybody's. */
export interface SeedBlock {
  as: string;
  recordType: string;
  validFrom?: string;
  rows: RecordChange[];
  /** Rows that belong to each row: the lines of a BOM. */
  parts?: SeedParts;
}

export interface SeedParts { recordType: string; reference: string; rows: Record<string, unknown>[][] }

interface LocalKey { system: string; site?: string; code: string }
interface ItemEntry { localKeys: LocalKey[]; [attribute: string]: unknown }
interface BomEntry { site?: string; lines: Record<string, unknown>[]; [attribute: string]: unknown }
interface RoutingEntry { site: string; operations: Record<string, unknown>[]; [attribute: string]: unknown }
interface BomFile { boms: BomEntry[]; workCentres: { site: string; [attribute: string]: unknown }[]; routings: RoutingEntry[] }

/** Which ERP decides at a site; structures without a site belong to engineering in the gateway. */
const erpOfSite: Record<string, string> = { A: 'LEG1', B: 'LEG2', C: 'CLD-NA', D: 'CLD-EU', E: 'CLD-EU', F: 'CE' };

/** Everything that `examples/kestrel` holds, in an order in which references find what they mean. */
export async function demoBlocks(directory: string): Promise<SeedBlock[]> {
  const { items } = await readJson<{ items: ItemEntry[] }>(directory, 'items.json');
  const structures = await readJson<BomFile>(directory, 'boms.json');
  const rest = await Promise.all(['suppliers.json', 'stock.json', 'orders.json'].map((file) => readJson<{ blocks: SeedBlock[] }>(directory, file)));
  return [...itemBlocks(items), ...structureBlocks(structures), ...rest.flatMap(({ blocks }) => blocks)];
}

async function readJson<T>(directory: string, file: string): Promise<T> {
  return JSON.parse(await fs.readFile(path.join(directory, file), 'utf8')) as T;
}

const engineeringAttributes = new Set(['drawing', 'material', 'netWeight', 'attributes']);

/** The corporate ERP says what the items are, engineering how they are made, and each system how it calls them. */
function itemBlocks(items: ItemEntry[]): SeedBlock[] {
  const systems = [...new Set(items.flatMap(({ localKeys }) => localKeys.map(({ system }) => system)))];
  const partOf = (item: ItemEntry, wanted: (name: string) => boolean): Record<string, unknown> =>
    Object.fromEntries(Object.entries(item).filter(([name]) => name !== 'localKeys' && wanted(name)));
  const rows = items.map((item): RecordChange => ({ op: 'upsert', attributes: { state: 'active', ...partOf(item, (name) => !engineeringAttributes.has(name)) } }));
  const engineered = items.map((item): RecordChange => ({ op: 'upsert', attributes: { code: item.code, ...partOf(item, (name) => engineeringAttributes.has(name)) } }));
  const keyBlocks = systems.map((system): SeedBlock => ({
    as: system,
    recordType: 'item',
    rows: items.filter(({ localKeys }) => localKeys.some((key) => key.system === system)).map((item): RecordChange => ({
      op: 'upsert',
      key: { code: item.code },
      attributes: { code: item.code },
      localKeys: item.localKeys.filter((key) => key.system === system).map(({ site, code }) => ({ system, code, ...(site ? { site } : {}) })),
    })),
  }));
  return [{ as: 'CE', recordType: 'item', rows }, { as: 'GW', recordType: 'item', rows: engineered }, ...keyBlocks];
}

function structureBlocks({ boms, workCentres, routings }: BomFile): SeedBlock[] {
  const ownerOf = (site: string | undefined): string => (site === undefined ? 'GW' : erpOfSite[site]!);
  return [
    ...bySystem(workCentres, ({ site }) => ownerOf(site)).map(([as, entries]): SeedBlock => ({
      as, recordType: 'work-centre', rows: entries.map((attributes): RecordChange => ({ op: 'upsert', attributes })),
    })),
    ...bySystem(boms, ({ site }) => ownerOf(site)).map(([as, entries]): SeedBlock => ({
      as,
      recordType: 'bom',
      rows: entries.map(({ lines: _lines, ...attributes }): RecordChange => ({ op: 'upsert', attributes })),
      parts: { recordType: 'bom-line', reference: 'bomId', rows: entries.map(({ lines, site }) => lines.map((line) => withSite(line, site))) },
    })),
    ...bySystem(routings, ({ site }) => ownerOf(site)).map(([as, entries]): SeedBlock => ({
      as,
      recordType: 'routing',
      rows: entries.map(({ operations: _operations, ...attributes }): RecordChange => ({ op: 'upsert', attributes })),
      parts: { recordType: 'routing-operation', reference: 'routingId', rows: entries.map(({ operations, site }) => operations.map((operation) => withSite(operation, site))) },
    })),
  ];
}

const withSite = (part: Record<string, unknown>, site: string | undefined): Record<string, unknown> => (site === undefined ? part : { ...part, site });

function bySystem<T>(entries: T[], ownerOf: (entry: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const entry of entries) groups.set(ownerOf(entry), [...(groups.get(ownerOf(entry)) ?? []), entry]);
  return [...groups];
}
