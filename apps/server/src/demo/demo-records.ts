import { newContext, type Actor, type RequestContext } from '@datum/platform';
import { batchRowsMax, RecordCatalogue, RecordWriter, type ChangeResult, type RecordChange } from '@datum/governed';
import { demoBlocks, type SeedBlock, type SeedParts } from './demo-data.js';

export interface SeedServices { writer: RecordWriter; catalogue: RecordCatalogue }

/** Writes the example data set, each block as the system that owns it. Rows that are there already change nothing, so it may run at every start. */
export async function demoRecords(
  services: SeedServices, context: RequestContext, settings: { directory: string; validFrom: string },
): Promise<number> {
  let written = 0;
  for (const block of await demoBlocks(settings.directory)) written += await writeBlock(services, context, { validFrom: settings.validFrom, ...block });
  return written;
}

async function writeBlock({ writer, catalogue }: SeedServices, context: RequestContext, block: Required<Omit<SeedBlock, 'parts'>> & Pick<SeedBlock, 'parts'>): Promise<number> {
  const definition = catalogue.get(block.recordType);
  const asOwner = newContext(actorFor(block.as), 'import', { correlationId: context.correlationId });
  let written = 0;
  for (let at = 0; at < block.rows.length; at += batchRowsMax) {
    const rows = block.rows.slice(at, at + batchRowsMax);
    const changes = rows.map((row): RecordChange => ({ validFrom: block.validFrom, ...row }));
    const parts: RecordChange[] = [];
    for (const [i, result] of (await writer.applyBatch(asOwner, definition, changes)).entries()) {
      if (isThere(rows[i]!, result)) continue;
      if (result.status === 'refused') throw refusal(block.recordType, at + i, result.error);
      if (result.status !== 'unchanged') written += 1;
      if (block.parts) parts.push(...partsOf(block.parts, at + i, result.record.id));
    }
    if (parts.length > 0) written += await writeBlock({ writer, catalogue }, context, { as: block.as, validFrom: block.validFrom, recordType: block.parts!.recordType, rows: parts });
  }
  return written;
}

const partsOf = ({ reference, rows }: SeedParts, owner: number, ownerId: string): RecordChange[] =>
  rows[owner]!.map((attributes): RecordChange => ({ op: 'upsert', attributes: { ...attributes, [reference]: ownerId } }));

/** A row that only creates leaves alone what is there: stock has moved and orders have gone on since the first start. */
const isThere = ({ op }: RecordChange, result: ChangeResult): boolean =>
  op === 'create' && result.status === 'refused' && result.error.kind === 'conflict' && result.error.code.endsWith('.exists');

const refusal = (recordType: string, row: number, error: { message: string; errors: object[] }): Error =>
  new Error(`Seed ${recordType} row ${row}: ${error.message} ${JSON.stringify(error.errors)}`);

/** The seed speaks for the system; roles in the gateway are spoken for by the gateway itself, which may do everything. */
const actorFor = (systemCode: string): Actor => ({
  participantId: '00000000-0000-7000-8000-00000000de30', clientId: 'demo-seed', systemCode, scopes: systemCode === 'GW' ? new Set(['*']) : new Set(), sites: null,
});
