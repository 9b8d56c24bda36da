import { requireScope, type RequestContext } from '@datum/platform';
import { expandName } from './query-spec.js';
import type { RecordCatalogue } from './record-catalogue.js';
import type { AnyRecord } from './record-definition.js';
import type { RecordReader } from './record.reader.js';

interface Expansion { definition: AnyRecord; records: Record<string, unknown>[]; names: readonly string[] }

/**
 * Puts referenced records beside their ids: `supplierId` gains `supplier`. One statement per name for the whole page. Each needs the scope of its own
 * domain, as if it were read by itself.
 */
export async function expandRecords(context: RequestContext, reader: RecordReader, catalogue: RecordCatalogue, expansion: Expansion): Promise<void> {
  const { definition, records, names } = expansion;
  for (const [attributeName, attribute] of Object.entries(definition.attributes)) {
    const name = expandName(attributeName);
    if (!attribute.refers || !names.includes(name)) continue;
    const target = catalogue.get(attribute.refers);
    requireScope(context.actor, `${target.domain}.read`);
    const ids = [...new Set(records.map((record) => record[attributeName]).filter((id): id is string => typeof id === 'string'))];
    const found = await reader.readMany(context, target, ids);
    const byId = new Map(found.map((record) => [record.id, record]));
    for (const record of records) record[name] = byId.get(record[attributeName] as string) ?? null;
  }
}
