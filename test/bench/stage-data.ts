import { uuidv7, type Database } from '@datum/platform';

/** Ids that the measurements ask for. */
export interface StageData {
  itemIds: string[];
  /** Items with three site parts. */
  sitedIds: string[];
  /** Items with a BOM of 50 lines. */
  madeIds: string[];
  /** The item on top of the deep BOM, and how many lines its explosion has. */
  top: { id: string; lines: number };
}

const from = '2026-01-01T00:00:00Z';
const types = ['raw', 'purchased', 'semi', 'finished'];
const linesPerBom = 50;
const levels = 10;
const linesPerAssembly = 10;

/** Writes what is read: items as the corporate ERP would have filled them, site parts, BOMs. Past the API, because this is not what is measured. */
export async function writeStageData(database: Database, sizes: { items: number; bomLines: number }): Promise<StageData> {
  const items = Array.from({ length: sizes.items }, (_, i) => itemRow(i, types[i % types.length]!));
  await insert(database, 'item', items);
  const itemIds = items.map(({ id }) => id);
  const sitedIds = itemIds.slice(0, Math.min(1_000, itemIds.length));
  await insert(database, 'item_site', sitedIds.flatMap((itemId) => ['A', 'B', 'D'].map((site) => itemSiteRow(itemId, site))));
  const madeIds = itemIds.slice(0, Math.min(200, itemIds.length));
  const leaves = itemIds.slice(madeIds.length);
  await writeBoms(database, madeIds.map((itemId, i) => ({ itemId, components: pick(leaves, i * 53, linesPerBom) })));
  const top = await writeDeepBom(database, leaves, sizes.bomLines);
  // Both services plan their statements on what is known of the tables.
  for (const table of ['item', 'item_site', 'bom', 'bom_line']) await database.query(`VACUUM (ANALYZE) ${table}`);
  return { itemIds, sitedIds, madeIds, top };
}

/** A tree of ten levels: assemblies of ten lines each, ever more of them downwards; what is no assembly is taken from `leaves`. */
async function writeDeepBom(database: Database, leaves: readonly string[], lines: number): Promise<StageData['top']> {
  const assemblies = Math.max(levels, Math.round(lines / linesPerAssembly));
  const items: ReturnType<typeof itemRow>[] = [];
  const boms: { itemId: string; components: string[] }[] = [];
  const make = (): string => {
    const row = itemRow(1_000_000 + items.length, 'semi');
    items.push(row);
    return row.id;
  };
  let level = [make()];
  for (let depth = 0; depth < levels; depth += 1) {
    const left = assemblies - boms.length - level.length;
    const wanted = depth === levels - 1 ? 0 : Math.min(level.length * linesPerAssembly, Math.ceil(left / (levels - 1 - depth)));
    const below = Array.from({ length: wanted }, make);
    level.forEach((itemId, i) => {
      const own = below.filter((_, at) => at % level.length === i);
      boms.push({ itemId, components: [...own, ...pick(leaves, boms.length * 17, linesPerAssembly - own.length)] });
    });
    level = below;
  }
  await insert(database, 'item', items);
  await writeBoms(database, boms);
  return { id: items[0]!.id, lines: boms.length * linesPerAssembly };
}

const pick = (ids: readonly string[], start: number, count: number): string[] => Array.from({ length: count }, (_, i) => ids[(start + i) % ids.length]!);

async function writeBoms(database: Database, boms: readonly { itemId: string; components: string[] }[]): Promise<void> {
  const heads = boms.map(({ itemId }) => ({ ...head('engineering'), item_id: itemId, usage: 'engineering', revision: 'A', state: 'released' }));
  const lines = boms.flatMap(({ components }, i) => components.map((componentId, at) => ({
    ...head('engineering'), bom_id: heads[i]!.id, position: (at + 1) * 10, component_id: componentId, quantity_per: String(1 + (at % 4)), unit: 'C62',
    quantity_kind: 'variable', scrap_percent: '0', phantom: false,
  })));
  await insert(database, 'bom', heads);
  await insert(database, 'bom_line', lines);
}

const head = (...groups: string[]) => ({
  id: uuidv7(), version: 1, created_at: from, updated_at: from, provenance: Object.fromEntries(groups.map((group) => [group, { system: 'CE', at: from }])),
});

const itemRow = (i: number, type: string) => ({
  ...head('identity', 'engineering', 'finance', 'sales'), code: `BENCH-${String(i).padStart(7, '0')}`, gtin: null, type, base_unit: 'C62',
  description: { en: `Bench item ${i}`, de: `Messartikel ${i}` }, classification: { unspsc: '27131500' }, legacy_code: `OLD-${i}`, state: 'active',
  drawing: `DRW-${i}-C`, material: 'AlSi10Mg', net_weight: '4.2', net_weight_unit: 'KGM', attributes: { color: 'Black', finish: 'anodised' },
  valuation_class: 'FERT', standard_cost: '38.25', standard_cost_currency: 'USD', inspection_plan: 'QP-10', list_price: '215', list_price_currency: 'USD',
  product_line: 'Actuators',
});

const itemSiteRow = (itemId: string, site: string) => ({
  ...head('site-planning', 'site-procurement'), item_id: itemId, site, lead_time_days: 12, safety_stock: '40', reorder_point: '80', lot_size: '50',
  procurement_type: 'make', buyer: 'B07', bin_type: 'PALLET', pack_quantity: '10', standard_cost: '38.25', standard_cost_currency: 'USD',
});

const rowsPerStatement = 5_000;

async function insert(database: Database, table: string, rows: readonly object[]): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsPerStatement) {
    await database.query(
      `INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1::json)`, [JSON.stringify(rows.slice(at, at + rowsPerStatement))]);
  }
}
