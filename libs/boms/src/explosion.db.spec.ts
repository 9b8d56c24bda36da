import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Clock } from '@datum/platform';
import { RegistryDirectory } from '@datum/registry';
import { Exact } from '@datum/semantics';
import { generateBom, type GeneratedBom } from '../../../test/support/generated-bom.js';
import { testDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { explosionJson } from './explosion-json.js';
import { summarise } from './explosion.js';
import { StructureReader } from './structure.reader.js';
import type { StructureQuestion } from './structure.js';

let db: TestDatabase;
let reader: StructureReader;
let product: GeneratedBom;
beforeAll(async () => {
  db = await testDatabase();
  product = await generateBom(db.database);
  reader = new StructureReader(db.database, new Clock(), new RegistryDirectory(db.database));
});
afterAll(async () => { await db?.close(); });

const questionOf = (): StructureQuestion =>
  ({ itemId: product.rootId, date: '2026-03-04', site: null, usages: ['manufacturing', 'engineering'], alternates: 'priority', depth: 'all' });

/** The plain SQL that a user would write, as the oracle. */
const recursive = `
  WITH RECURSIVE tree AS (
    SELECT $1::uuid AS item_id, 1::numeric AS quantity, 0 AS level
    UNION ALL
    SELECT l.component_id, t.quantity * l.quantity_per * (1 + coalesce(l.scrap_percent, 0) / 100), t.level + 1
    FROM tree t JOIN bom b ON b.item_id = t.item_id JOIN bom_line l ON l.bom_id = b.id
    WHERE (l.effective_from IS NULL OR l.effective_from <= date '2026-03-04') AND (l.effective_to IS NULL OR l.effective_to > date '2026-03-04'))
  SELECT item_id AS "itemId", quantity, level FROM tree WHERE level > 0`;

describe('explosion of a product of ten levels and 100,000 lines', () => {
  it('[S94] streams every line exactly as the database computes it, and memory stays flat', { timeout: 120_000 }, async () => {
    const expected = new Map((await db.database.query<{ itemId: string; quantity: string; level: number }>(recursive, [product.rootId])).map((row) => [row.itemId, row]));
    expect(expected.size).toBe(product.lines);
    const before = process.memoryUsage().rss;
    let peak = before;
    let rows = 0;
    const question = questionOf();
    const structure = await reader.load(question);
    for await (const chunk of explosionJson({ structure, question, quantity: Exact.one, mode: 'multilevel' })) {
      peak = Math.max(peak, process.memoryUsage().rss);
      // Between head and tail a chunk holds whole rows.
      if (/^,?\{"level"/.test(chunk)) rows += check(`[${chunk.replace(/^,/, '')}]`, expected);
    }
    expect(rows).toBe(product.lines);
    expect((peak - before) / 2 ** 20).toBeLessThan(250);
  });

  it('takes a few statements per level, and leaves the event loop to others', { timeout: 120_000 }, async () => {
    let statements = 0;
    let turns = 0;
    let running = true;
    const others = (async () => { for (; running; turns += 1) await turn(); })();
    const counting = { query: (sql: string, params?: readonly unknown[]) => { statements += 1; return db.database.query(sql, params); } };
    const structure = await reader.load(questionOf(), counting as never);
    for await (const chunk of explosionJson({ structure, question: questionOf(), quantity: Exact.one, mode: 'multilevel' })) void chunk;
    running = false;
    await others;
    expect(statements).toBeLessThanOrEqual(3 * (product.levels + 4));
    expect(turns).toBeGreaterThan(100);
    const leaves = summarise(structure, Exact.one).components;
    expect(leaves.length).toBe(product.lines - structure.nodes.size + 1 + leaves.length);
    expect(Math.max(...leaves.map(({ level }) => level))).toBe(product.levels);
  });
});

function check(json: string, expected: Map<string, { quantity: string; level: number }>): number {
  const rows = JSON.parse(json) as { itemId: string; level: number; quantity: { value: string } }[];
  for (const { itemId, level, quantity } of rows) {
    const row = expected.get(itemId)!;
    if (level !== row.level || !Exact.of(quantity.value).equals(Exact.of(row.quantity))) throw new Error(`${itemId}: ${level} ${quantity.value}, expected ${row.level} ${row.quantity}`);
  }
  return rows.length;
}
