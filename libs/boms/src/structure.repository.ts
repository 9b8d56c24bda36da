import type { Queryable } from '@datum/platform';
import type { StoredBom, StoredItem, StoredLine, StructureQuestion } from './structure.js';

/** The BOM that counts for an item: the site's own before the enterprise's, then by usage, the lowest alternative, the latest revision. */
const rank = (usages: string): string =>
  `(b.site IS NOT NULL) DESC, array_position(${usages}::text[], b.usage), b.alternative NULLS FIRST, b.effective_from DESC NULLS LAST, b.revision DESC, b.id`;

const countsOn = (alias: string, date: string): string =>
  `(${alias}.effective_from IS NULL OR ${alias}.effective_from <= ${date}::date) AND (${alias}.effective_to IS NULL OR ${alias}.effective_to > ${date}::date)`;

const isUsable = (date: string, site: string, usages: string): string =>
  `b.state IN ('released', 'superseded') AND ${countsOn('b', date)} AND (b.site IS NULL OR b.site = ${site}) AND b.usage = ANY(${usages}::text[])`;

/**
 * Lines come as one text per BOM (fields by tab, lines by line feed): reading a hundred thousand lines row by row costs the client three times as much.
 * What is rare comes as JSON behind, which holds neither tab nor line feed. Grouped, not by sub-query: the planner may then choose a hash for many BOMs.
 */
const withLines = (chosen: string, date: string): string => `
  WITH c AS MATERIALIZED (${chosen})
  SELECT c.id, c.item_id AS "itemId", c.revision, c.site, c.usage, c.base_quantity AS "baseQuantity", x.lines
  FROM c LEFT JOIN (
    SELECT l.bom_id, string_agg(concat_ws(E'\\t', l.id, l.component_id, l.position, l.quantity_per, l.unit,
       CASE WHEN l.quantity_kind = 'fixed' THEN 1 ELSE 0 END, CASE WHEN l.phantom THEN 1 ELSE 0 END, coalesce(l.scrap_percent, 0),
       CASE WHEN coalesce(l.alternate_group, l.serial_from, l.serial_to, l.lot_from, l.lot_to) IS NULL AND l.operation_position IS NULL THEN '' ELSE json_build_object(
         'alternateGroup', l.alternate_group, 'alternatePriority', l.alternate_priority, 'usagePercent', l.usage_percent::text, 'serialFrom', l.serial_from,
         'serialTo', l.serial_to, 'lotFrom', l.lot_from, 'lotTo', l.lot_to, 'operationPosition', l.operation_position)::text END), E'\\n') AS lines
    FROM bom_line l WHERE l.bom_id IN (SELECT id FROM c) AND ${countsOn('l', date)} GROUP BY l.bom_id) x ON x.bom_id = c.id`;

const bomColumns = `b.id, b.item_id, b.revision, b.site, b.usage, coalesce(b.base_quantity, 1) AS base_quantity`;

const chosenBoms = withLines(`
  SELECT DISTINCT ON (b.item_id) ${bomColumns} FROM bom b
  WHERE b.item_id = ANY($1::uuid[]) AND ${isUsable('$2', '$3', '$4')}
  ORDER BY b.item_id, ${rank('$4')}`, '$2');

const bomOfRevision = withLines(`
  SELECT ${bomColumns} FROM bom b
  WHERE b.item_id = $1 AND b.revision = $5 AND (b.site IS NULL OR b.site = $3) AND b.usage = ANY($4::text[])
  ORDER BY ${rank('$4')} LIMIT 1`, '$2');

type BomRow = Omit<StoredBom, 'lines'> & { lines: string | null };
const idsPerStatement = 20_000;

/** The BOMs that count for these items on that day, with their lines. */
export async function selectBoms(queryable: Queryable, question: StructureQuestion, itemIds: readonly string[]): Promise<StoredBom[]> {
  const found: StoredBom[] = [];
  for (let i = 0; i < itemIds.length; i += idsPerStatement) {
    const rows = await queryable.query<BomRow>(chosenBoms, [itemIds.slice(i, i + idsPerStatement), question.date, question.site, question.usages]);
    for (const row of rows) found.push(toBom(row));
  }
  return found;
}

/** A revision of one item's BOM, whatever its state and dates; its lines as they count on the day asked. */
export async function selectBomOfRevision(queryable: Queryable, question: StructureQuestion, revision: string): Promise<StoredBom | undefined> {
  const [row] = await queryable.query<BomRow>(bomOfRevision, [question.itemId, question.date, question.site, question.usages, revision]);
  return row && toBom(row);
}

const toBom = ({ id, itemId, revision, site, usage, baseQuantity, lines }: BomRow): StoredBom =>
  ({ id, itemId, revision, site, usage, baseQuantity, lines: parseLines(lines) });

type RareFields = Pick<StoredLine, 'alternateGroup' | 'alternatePriority' | 'usagePercent' | 'serialFrom' | 'serialTo' | 'lotFrom' | 'lotTo' | 'operationPosition'>;

/** Every field is named on purpose: spreading objects of this size took ten times as long (measured on a hundred thousand lines). */
function parseLines(text: string | null): StoredLine[] {
  if (text === null) return [];
  const lines = text.split('\n').map((row): StoredLine => {
    const part = row.split('\t');
    const line: StoredLine = {
      id: part[0]!, componentId: part[1]!, position: Number(part[2]), quantityPer: part[3]!, unit: part[4]!, fixed: part[5] === '1', phantom: part[6] === '1',
      scrapPercent: part[7]!, alternateGroup: null, alternatePriority: null, usagePercent: null, serialFrom: null, serialTo: null, lotFrom: null, lotTo: null, operationPosition: null,
    };
    return part[8] === '' ? line : Object.assign(line, JSON.parse(part[8]!) as RareFields);
  });
  return lines.sort((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1));
}

export async function selectItems(queryable: Queryable, ids: readonly string[]): Promise<StoredItem[]> {
  const found: StoredItem[] = [];
  for (let i = 0; i < ids.length; i += idsPerStatement) {
    const [row] = await queryable.query<{ items: string | null }>(
      `SELECT string_agg(concat_ws(E'\\t', id, type, base_unit, to_json(code)), E'\\n') AS items FROM item WHERE id = ANY($1::uuid[])`, [ids.slice(i, i + idsPerStatement)]);
    for (const line of row?.items?.split('\n') ?? []) {
      const [id, type, unit, codeJson] = line.split('\t') as [string, string, string, string];
      found.push({ id, type, unit, codeJson });
    }
  }
  return found;
}

export interface WhereUsedRow {
  lineId: string; bomId: string; revision: string; parentId: string; componentId: string; position: number; quantityPer: string; unit: string; fixed: boolean;
  scrapPercent: string; baseQuantity: string; phantom: boolean; alternateGroup: string | null; alternatePriority: number | null;
  /** Whether the line is the one of its alternate group that is used; true outside groups. */
  used: boolean;
}

const whereUsed = `
  SELECT l.id AS "lineId", b.id AS "bomId", b.revision, b.item_id AS "parentId", l.component_id AS "componentId", l.position, l.quantity_per AS "quantityPer",
         l.unit, coalesce(l.quantity_kind = 'fixed', false) AS fixed, coalesce(l.scrap_percent, 0)::text AS "scrapPercent",
         coalesce(b.base_quantity, 1)::text AS "baseQuantity", coalesce(l.phantom, false) AS phantom, l.alternate_group AS "alternateGroup",
         l.alternate_priority AS "alternatePriority",
         l.alternate_group IS NULL OR l.id = (
           SELECT x.id FROM bom_line x WHERE x.bom_id = l.bom_id AND x.alternate_group = l.alternate_group AND ${countsOn('x', '$2')}
           ORDER BY x.alternate_priority NULLS LAST, x.position, x.id LIMIT 1) AS used
  FROM bom_line l JOIN bom p ON p.id = l.bom_id
  JOIN LATERAL (SELECT b.* FROM bom b WHERE b.item_id = p.item_id AND ${isUsable('$2', '$3', '$4')} ORDER BY ${rank('$4')} LIMIT 1) b ON b.id = p.id
  WHERE l.component_id = ANY($1::uuid[]) AND ${countsOn('l', '$2')}
  ORDER BY l.component_id, b.item_id, l.position, l.id`;

/** The lines, of BOMs that count on that day, in which one of these items is a component. */
export async function selectWhereUsed(queryable: Queryable, question: Pick<StructureQuestion, 'date' | 'site' | 'usages'>, itemIds: readonly string[]): Promise<WhereUsedRow[]> {
  return queryable.query<WhereUsedRow>(whereUsed, [itemIds, question.date, question.site, question.usages]);
}

/** Ids of the BOM that counts for each item. */
export async function selectBomIds(queryable: Queryable, question: Pick<StructureQuestion, 'date' | 'site' | 'usages'>, itemIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await queryable.query<{ id: string; itemId: string }>(
    `SELECT DISTINCT ON (b.item_id) b.id, b.item_id AS "itemId" FROM bom b WHERE b.item_id = ANY($1::uuid[]) AND ${isUsable('$2', '$3', '$4')}
     ORDER BY b.item_id, ${rank('$4')}`, [itemIds, question.date, question.site, question.usages]);
  return new Map(rows.map(({ id, itemId }) => [itemId, id]));
}

/** The day from which a revision of an item's BOM counts; undefined when there is no such revision. */
export async function selectRevisionStart(
  queryable: Queryable, { itemId, site, usages }: Pick<StructureQuestion, 'itemId' | 'site' | 'usages'>, revision: string,
): Promise<{ from: string | null } | undefined> {
  const [row] = await queryable.query<{ from: string | null }>(
    `SELECT b.effective_from AS "from" FROM bom b WHERE b.item_id = $1 AND b.revision = $4 AND (b.site IS NULL OR b.site = $2) AND b.usage = ANY($3::text[])
     ORDER BY ${rank('$3')} LIMIT 1`, [itemId, site, usages, revision]);
  return row;
}
