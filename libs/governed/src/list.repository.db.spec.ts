import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7, type Queryable, type SortKey } from '@datum/platform';
import { testDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { itemRecord } from '@datum/items';
import { positionOf, selectJsonPage, selectPage, type ListPlan } from './list.repository.js';
import type { AnyRecord } from './record-definition.js';

const definition = itemRecord as unknown as AnyRecord;
const everything: ListPlan = { filters: [], sort: [], limit: 500, sites: null };

describe('pages of a list', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await testDatabase();
    // Few values and empty ones, so that the order often falls to the next key.
    const rows = Array.from({ length: 120 }, (_, i) => ({
      id: uuidv7(), version: 1, created_at: '2026-01-01T00:00:00Z', updated_at: `2026-01-0${1 + (i % 5)}T00:00:00.12${i % 2}Z`, provenance: {},
      code: `P-${String((i * 37) % 120).padStart(3, '0')}`, type: 'raw', base_unit: 'C62', state: 'active', product_line: i % 3 === 0 ? null : `L${i % 4}`,
    }));
    await db.database.query(`INSERT INTO item SELECT * FROM json_populate_recordset(NULL::item, $1::json)`, [JSON.stringify(rows)]);
  });
  afterAll(() => db.close());

  const asc = (field: string): SortKey => ({ field, direction: 'asc' });
  const desc = (field: string): SortKey => ({ field, direction: 'desc' });

  it.each([
    ['by id', []], ['by code', [asc('code')]], ['by code downwards', [desc('code')]], ['by time, id downwards', [asc('updatedAt'), desc('id')]],
    ['by time downwards', [desc('updatedAt'), desc('id')]], ['by what may be empty', [asc('productLine')]], ['by what may be empty, downwards', [desc('productLine'), asc('code')]],
  ] as [string, SortKey[]][])('hold every record once, in order: %s', async (_, sort) => {
    const whole = (await selectPage(db.database, definition, { ...everything, sort })).map((row) => row.id);
    expect(new Set(whole).size).toBe(120);
    const paged: string[] = [];
    const json: string[] = [];
    for (let after: unknown[] | undefined; ;) {
      const plan = { ...everything, sort, limit: 7, ...(after ? { after } : {}) };
      const rows = (await selectPage(db.database, definition, plan)).slice(0, 7);
      json.push(...(await selectJsonPage(db.database, definition, plan)).slice(0, 7).map((row) => (JSON.parse(row.json) as { id: string }).id));
      if (rows.length === 0) break;
      paged.push(...rows.map((row) => row.id));
      after = positionOf(definition, sort, rows.at(-1)!);
    }
    expect(paged).toEqual(whole);
    expect(json).toEqual(whole);
  });

  it.each([['id', []], ['code', [asc('code')]]] as [string, SortKey[]][])('begin at the index instead of sorting the table: %s', async (_, sort) => {
    let asked: [string, readonly unknown[]] | undefined;
    const spy: Queryable = { query: async (text, values = []) => { asked = [text, values]; return []; }, named: async () => [] };
    const after = sort.length === 0 ? [uuidv7()] : ['P-050', uuidv7()];
    await selectPage(spy, definition, { ...everything, sort, limit: 10, after });
    const plan = await explained(asked!);
    expect(plan).toMatch(/Index Scan/);
    expect(plan).toMatch(/Index Cond/);
    expect(plan).not.toMatch(/-> {2}Sort/);
  });

  /** The plan that PostgreSQL would take for a table too large to read whole. */
  async function explained([text, values]: [string, readonly unknown[]]): Promise<string> {
    const client = await db.database.connect();
    try {
      await client.query('SET enable_seqscan = off; SET enable_bitmapscan = off');
      const { rows } = await client.query<Record<string, string>>(`EXPLAIN ${text}`, values as unknown[]);
      return rows.map((row) => Object.values(row)[0]).join('\n');
    } finally {
      client.release(true);
    }
  }
});
