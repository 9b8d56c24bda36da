import type { Queryable } from '@datum/platform';

/** First item of the ninth level of a tree of three, and how many it has. */
const ninthLevel = { first: 9_841, count: 19_683 };

export interface GeneratedBom { rootId: string; lines: number; levels: number }

/**
 * A product of ten levels and 100,000 lines that count on 2026-03-04, and 20,000 that no longer do, each component used once: made by the database in a few seconds.
 * Item n is a component of item (n − 1) / 3; what would begin an eleventh level hangs below the ninth.
 */
export async function generateBom(queryable: Queryable, lines = 100_000): Promise<GeneratedBom> {
  const id = (kind: string, n: string) => `('00000000-0000-7000-${kind}-' || lpad(to_hex(${n}), 12, '0'))::uuid`;
  const parent = `CASE WHEN n < 88573 THEN (n - 1) / 3 ELSE ${ninthLevel.first} + n % ${ninthLevel.count} END`;
  const base = `1, timestamptz '2026-01-01T00:00:00Z', timestamptz '2026-01-01T00:00:00Z', jsonb '{}'`;
  await queryable.query(`INSERT INTO item (id, version, created_at, updated_at, provenance, code, type, base_unit, state)
    SELECT ${id('8000', 'n')}, ${base}, 'PART-' || n, 'semi', 'C62', 'active' FROM generate_series(0, ${lines}) n`);
  await queryable.query(`INSERT INTO bom (id, version, created_at, updated_at, provenance, item_id, usage, revision, state, effective_from)
    SELECT DISTINCT ${id('9000', parent)}, ${base}, ${id('8000', parent)}, 'engineering', 'A', 'released', date '2024-01-01' FROM generate_series(1, ${lines}) n`);
  await queryable.query(`INSERT INTO bom_line (id, version, created_at, updated_at, provenance, bom_id, position, component_id, quantity_per, unit, scrap_percent, effective_from, effective_to)
    SELECT ${id('a000', 'n')}, ${base}, ${id('9000', parent)}, n, ${id('8000', 'n')}, 1 + (n % 4) * 0.25, 'C62', CASE WHEN n % 5 = 0 THEN 2 END,
           CASE WHEN n % 2 = 0 THEN date '2025-01-01' END, CASE WHEN n % 3 = 0 THEN date '2027-01-01' END FROM generate_series(1, ${lines}) n`);
  await queryable.query(`INSERT INTO bom_line (id, version, created_at, updated_at, provenance, bom_id, position, component_id, quantity_per, unit, effective_from, effective_to)
    SELECT ${id('b000', 'n')}, ${base}, ${id('9000', parent)}, n, ${id('8000', 'n')}, 9, 'C62', date '2020-01-01', date '2025-01-01' FROM generate_series(1, ${lines}, 5) n`);
  await queryable.query('ANALYZE item, bom, bom_line');
  return { rootId: '00000000-0000-7000-8000-000000000000', lines, levels: 10 };
}
