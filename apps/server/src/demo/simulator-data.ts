import fs from 'node:fs/promises';
import path from 'node:path';
import { demoBlocks } from './demo-data.js';

const categories: Record<string, string> = { finished: 'FG', semi: 'SF', purchased: 'BO', raw: 'RM', phantom: 'PH', service: 'SV', tool: 'TL' };
const units: Record<string, string> = { C62: 'EA', H87: 'EA', KGM: 'KG', GRM: 'G', LBR: 'LB', MTR: 'M', FOT: 'FT', LTR: 'L', HUR: 'H' };

/**
 * The opening data of the simulated corporate ERP, in its own codes: the same items and suppliers as the demo's, because it is their owner. Written to a
 * file, since the simulator is a process of its own that knows nothing of us.
 */
export async function simulatorData({ root, home }: { root: string; home: string }): Promise<string> {
  const blocks = await demoBlocks(path.join(root, 'examples/kestrel'));
  const attributesByCode = new Map<unknown, Record<string, unknown>>();
  const data = { items: [] as object[], suppliers: [] as object[] };
  for (const { recordType, rows } of blocks) {
    for (const { attributes, localKeys } of rows) {
      const known = { ...attributesByCode.get(`${recordType} ${String(attributes.code)}`), ...attributes };
      attributesByCode.set(`${recordType} ${String(attributes.code)}`, known);
      const number = localKeys?.find((key) => key.system === 'CE')?.code;
      if (number !== undefined && recordType === 'item') data.items.push(corporateItem(number, known));
      if (number !== undefined && recordType === 'supplier') data.suppliers.push({ number, name: known.name, taxId: null, blocked: false });
    }
  }
  const file = path.join(home, 'simulator-data.json');
  await fs.writeFile(file, JSON.stringify(data, null, 2));
  return file;
}

function corporateItem(number: string, attributes: Record<string, unknown>): Record<string, unknown> {
  const description = attributes.description as { en: string; de?: string };
  const cost = attributes.standardCost as { amount: string } | undefined;
  return {
    number, name: description.en, nameDe: description.de ?? null, category: categories[String(attributes.type)] ?? 'BO',
    unit: units[String(attributes.baseUnit)] ?? 'EA', gtin: attributes.gtin ?? null, cost: cost?.amount ?? null, blocked: false,
  };
}
