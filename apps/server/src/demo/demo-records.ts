import fs from 'node:fs/promises';
import path from 'node:path';
import { newContext, type Actor, type RequestContext } from '@datum/platform';
import { batchRowsMax, RecordCatalogue, RecordWriter, type RecordChange } from '@datum/governed';

/** Rows of one record type, said by one system: the demo's master data goes in through the same door as anybody's. */
interface SeedBlock { as: string; recordType: string; validFrom?: string; rows: RecordChange[] }

/** In this order, because later files refer to records of earlier ones. */
const files = ['items.json', 'boms.json', 'suppliers.json', 'stock.json', 'orders.json'];

/** Writes the example data set, each block as the system that owns it. Rows that are there already change nothing, so it may run at every start. */
export async function demoRecords(
  services: { writer: RecordWriter; catalogue: RecordCatalogue }, context: RequestContext, settings: { directory: string; validFrom: string },
): Promise<number> {
  let written = 0;
  for (const file of files) {
    for (const block of await readBlocks(path.join(settings.directory, file))) {
      written += await writeBlock(services, context, { validFrom: settings.validFrom, ...block });
    }
  }
  return written;
}

async function readBlocks(file: string): Promise<SeedBlock[]> {
  const { blocks } = JSON.parse(await fs.readFile(file, 'utf8')) as { blocks: SeedBlock[] };
  return blocks;
}

async function writeBlock(
  { writer, catalogue }: { writer: RecordWriter; catalogue: RecordCatalogue }, context: RequestContext, block: Required<SeedBlock>,
): Promise<number> {
  const definition = catalogue.get(block.recordType);
  const asOwner = newContext(actorFor(block.as), 'import', { correlationId: context.correlationId });
  let written = 0;
  for (let at = 0; at < block.rows.length; at += batchRowsMax) {
    const changes = block.rows.slice(at, at + batchRowsMax).map((row): RecordChange => ({ validFrom: block.validFrom, ...row }));
    for (const [i, result] of (await writer.applyBatch(asOwner, definition, changes)).entries()) {
      if (result.status === 'refused') throw new Error(`Seed ${block.recordType} row ${at + i}: ${result.error.message} ${JSON.stringify(result.error.errors)}`);
      if (result.status !== 'unchanged') written += 1;
    }
  }
  return written;
}

/** The seed speaks for the system; roles in the gateway are spoken for by the gateway itself, which may do everything. */
const actorFor = (systemCode: string): Actor => ({
  participantId: '00000000-0000-7000-8000-00000000de30', clientId: 'demo-seed', systemCode, scopes: systemCode === 'GW' ? new Set(['*']) : new Set(), sites: null,
});
