import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openWatermark, sweepPage } from './change-sweep.js';
import type { SweptRow } from './change-sweep.js';

const minuteMs = 60_000;
const start = Date.parse('2026-03-04T14:00:00Z');
const instant = (minute: number): string => new Date(start + minute * minuteMs).toISOString();

/** An ERP that commits each change up to four minutes after the time written on it. */
interface Change { row: SweptRow; committedAt: number }

/** One page as an ERP answers it at `minute`: rows by id, like Tryton. */
function page(changes: Change[], since: string | undefined, cursor: string | undefined, minute: number, limit: number) {
  const held = new Map<string, SweptRow>();
  for (const { row } of changes.filter(({ committedAt }) => committedAt <= minute)) held.set(row.id, row);
  const rows = [...held.values()]
    .filter(({ changedAt, id }) => (since === undefined || changedAt >= since) && (cursor === undefined || Number(id) > Number(cursor)))
    .sort((a, b) => Number(a.id) - Number(b.id))
    .slice(0, limit);
  return { rows, next: rows.length === limit ? rows.at(-1)!.id : undefined, asOf: instant(minute) };
}

describe('change sweep', () => {
  it('delivers the last state of every record, whenever it was committed and wherever the pages were cut', () => {
    const oneChange = fc.record({ id: fc.integer({ min: 1, max: 12 }), minute: fc.integer({ min: 0, max: 60 }), late: fc.integer({ min: 0, max: 4 }) });
    fc.assert(fc.property(fc.array(oneChange, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 3 }), (drawn, limit, pace) => {
      const changes = drawn
        .map(({ id, minute, late }, index) => ({
          row: { id: String(id), token: `t${index}`, changedAt: instant(minute) }, committedAt: minute + late,
        }))
        .sort((a, b) => a.committedAt - b.committedAt);
      const delivered = new Map<string, string>();
      let watermark: string | undefined;
      for (let minute = 0; minute <= 200; minute += pace) {
        const sweep = openWatermark(watermark);
        const answer = sweepPage(sweep, page(changes, sweep.since, sweep.cursor, minute, limit), 5 * minuteMs);
        for (const { id, token } of answer.delivered) delivered.set(id, token);
        watermark = answer.watermark;
      }
      expect(delivered).toEqual(new Map(changes.map(({ row }) => [row.id, row.token])));
    }));
  });

  it('does not deliver again what only the overlap brings', () => {
    const rows = [{ id: '1', token: 'a', changedAt: instant(0) }, { id: '2', token: 'a', changedAt: instant(1) }];
    const first = sweepPage(openWatermark(undefined), { rows, next: undefined, asOf: instant(2) }, 5 * minuteMs);
    expect(first.delivered).toEqual(rows);
    const changed = [rows[0]!, { ...rows[1]!, token: 'b' }];
    const second = sweepPage(openWatermark(first.watermark), { rows: changed, next: undefined, asOf: instant(3) }, 5 * minuteMs);
    expect(second.delivered).toEqual([changed[1]]);
  });

  it('delivers twice rather than let the watermark grow', () => {
    const rows = Array.from({ length: 1_500 }, (_, id) => ({ id: String(id), token: 'a', changedAt: instant(0) }));
    const first = sweepPage(openWatermark(undefined), { rows, next: undefined, asOf: instant(0) }, 5 * minuteMs);
    const second = sweepPage(openWatermark(first.watermark), { rows, next: undefined, asOf: instant(0) }, 5 * minuteMs);
    expect(second.delivered).toHaveLength(500);
  });
});
