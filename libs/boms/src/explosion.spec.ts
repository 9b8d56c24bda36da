import fc from 'fast-check';
import { Decimal } from 'decimal.js';
import { describe, expect, it } from 'vitest';
import { Exact } from '@datum/semantics';
import type { Edge } from './bom-structure.repository.js';
import { rollUp, type CostedOperation, type CostInputs } from './cost.js';
import { cycleThrough } from './cycle-search.js';
import { compareSerials, intersection } from './effectivity.js';
import { countRows, directNeeds, summarise, walk } from './explosion.js';
import { exclusiveEnd } from './bom.record.js';
import { buildStructure, type StoredBom, type StoredItem, type StoredLine, type StructureQuestion } from './structure.js';

const Precise = Decimal.clone({ precision: 300, toExpNeg: -9e15, toExpPos: 9e15 });
const question: StructureQuestion = { itemId: 'i0', date: '2026-03-04', site: null, usages: ['engineering'], alternates: 'priority', depth: 'all' };

interface RandomLine { to: number; quantityPer: string; scrapPercent: string; fixed: boolean; phantom: boolean; unit: 'KGM' | 'GRM' | 'LBR' }
interface RandomBom { base: string; lines: RandomLine[] }

const decimalText = (max: number, scale: number) => fc.integer({ min: 0, max }).map((n) => new Precise(n).div(10 ** scale).toFixed());
const size = 9;

/** Items 0 to 8; item i only uses items behind it, so that there is no cycle. All are counted in kilograms. */
const randomBoms: fc.Arbitrary<RandomBom[]> = fc.tuple(...Array.from({ length: size }, (_, i) => fc.record({
  base: fc.constantFrom<string>('1', '2', '4', '0.5', '10'),
  lines: i === size - 1 ? fc.constant<RandomLine[]>([]) : fc.array(fc.record({
    to: fc.integer({ min: i + 1, max: size - 1 }), quantityPer: decimalText(9_999, 3), scrapPercent: decimalText(250, 1), fixed: fc.boolean(), phantom: fc.boolean(),
    unit: fc.constantFrom<'KGM' | 'GRM' | 'LBR'>('KGM', 'GRM', 'LBR'),
  }), { maxLength: 4 }),
})));

const kilograms = { KGM: '1', GRM: '0.001', LBR: '0.45359237' };

/** The definition, said as plainly as possible: what one use of an item needs, over all levels. */
function plainly(boms: readonly RandomBom[], item: number, quantity: Decimal, into: Map<number, Decimal>): void {
  for (const line of boms[item]!.lines) {
    const scrap = new Precise(line.scrapPercent).div(100).add(1);
    const per = new Precise(line.quantityPer).mul(scrap).mul(kilograms[line.unit]);
    const needed = line.fixed ? per : per.mul(quantity).div(boms[item]!.base);
    if (boms[line.to]!.lines.length === 0) into.set(line.to, (into.get(line.to) ?? new Precise(0)).add(needed));
    else plainly(boms, line.to, needed, into);
  }
}

function structureOf(boms: readonly RandomBom[]) {
  const items = new Map<string, StoredItem>(boms.map((_, i) => [`i${i}`, { id: `i${i}`, codeJson: `"I${i}"`, type: 'semi', unit: 'KGM' }]));
  const stored = new Map<string, StoredBom>(boms.flatMap((bom, i) => (bom.lines.length === 0 ? [] : [[`i${i}`, {
    id: `b${i}`, itemId: `i${i}`, revision: 'A', site: null, usage: 'engineering', baseQuantity: bom.base, lines: bom.lines.map((each, j) => line(`l${i}-${j}`, `i${each.to}`, { ...each, position: j + 1 })),
  }]])));
  return buildStructure(question, items, stored);
}

const line = (id: string, componentId: string, more: Partial<StoredLine>): StoredLine => ({
  id, componentId, position: 1, quantityPer: '1', unit: 'KGM', fixed: false, phantom: false, scrapPercent: '0', alternateGroup: null, alternatePriority: null, usagePercent: null,
  serialFrom: null, serialTo: null, lotFrom: null, lotTo: null, operationPosition: null, ...more,
});

describe('explosion', () => {
  it('[S94] equals a plain recursive evaluation on random BOMs', () => {
    fc.assert(fc.property(randomBoms, decimalText(99_999, 2), (boms, quantity) => {
      const expected = new Map<number, Decimal>();
      plainly(boms, 0, new Precise(quantity), expected);
      const { components } = summarise(structureOf(boms), Exact.of(quantity));
      const found = Object.fromEntries(components.map(({ node, quantity: total }) => [node.id, total.toDecimal()]));
      expect(found).toEqual(Object.fromEntries([...expected].map(([item, total]) => [`i${item}`, total.toFixed()])));
    }), { numRuns: 300 });
  });

  it('walks every use once: its leaves sum up to the summary, and the number of rows is known before', () => {
    fc.assert(fc.property(randomBoms, (boms) => {
      const structure = structureOf(boms);
      const visits = [...walk(structure, Exact.of('7'))];
      expect(visits).toHaveLength(countRows(structure));
      const sums = new Map<string, Exact>();
      for (const { line: { child }, quantity } of visits) if (child.lines.length === 0) sums.set(child.id, (sums.get(child.id) ?? Exact.zero).plus(quantity));
      const { components } = summarise(structure, Exact.of('7'));
      expect(new Map(components.map(({ node, quantity }) => [node.id, quantity.toDecimal()]))).toEqual(new Map([...sums].map(([id, sum]) => [id, sum.toDecimal()])));
      for (const visit of directNeeds(structure, Exact.of('7'))) expect(visit.passedThrough).toBe(false);
    }), { numRuns: 200 });
  });

  it('keeps thirds exact until they are printed', () => {
    const structure = structureOf([{ base: '3', lines: [{ to: 1, quantityPer: '1', scrapPercent: '0', fixed: false, phantom: false, unit: 'KGM' }] }, { base: '1', lines: [{ to: 2, quantityPer: '3', scrapPercent: '0', fixed: false, phantom: false, unit: 'KGM' }] }, { base: '1', lines: [] }]);
    expect(summarise(structure, Exact.of('10')).components[0]!.quantity.toDecimal()).toBe('10');
  });

  it('refuses a cycle that came past the guards instead of hanging', () => {
    const bom = (i: number, to: number): [string, StoredBom] => [`i${i}`, { id: `b${i}`, itemId: `i${i}`, revision: 'A', site: null, usage: 'engineering', baseQuantity: '1', lines: [line(`l${i}`, `i${to}`, {})] }];
    const items = new Map<string, StoredItem>([0, 1].map((i) => [`i${i}`, { id: `i${i}`, codeJson: `"I${i}"`, type: 'semi', unit: 'KGM' }]));
    expect(() => buildStructure(question, items, new Map([bom(0, 1), bom(1, 0)]))).toThrow(/I0 › I1 › I0/);
  });
});

describe('cost', () => {
  const operation = (itemId: string, more: Partial<CostedOperation> = {}): CostedOperation => ({
    itemId, position: 10, workCentre: 'W', rate: '60', rateCurrency: 'USD', setupHours: '0', runHours: '0', runQuantity: '1', yieldPercent: '100', costPerUnit: null,
    costCurrency: null, ...more,
  });
  const inputs = (more: Partial<CostInputs>): CostInputs => ({ standard: new Map(), operations: new Map(), capacity: new Map(), lotSize: Exact.one, ...more });
  const costsOf = (count: number) => new Map(Array.from({ length: count }, (_, i) => [`i${i}`, { itemId: `i${i}`, amount: `${i * 3 + 1}.7`, currency: 'USD' }]));

  it('[S94] of a lot is what the lot needs times what that costs, fixed quantities of every level included', () => {
    // A part that is needed in the quantity 0 has no lot of its own, so nothing can be spread over it.
    const needed = randomBoms.map((boms) => boms.map((bom) => ({ ...bom, lines: bom.lines.map((line) => ({ ...line, quantityPer: line.quantityPer === '0' ? '1' : line.quantityPer })) })));
    fc.assert(fc.property(needed, fc.integer({ min: 1, max: 999 }), (boms, lot) => {
      fc.pre(boms[0]!.lines.length > 0);
      const structure = structureOf(boms);
      const standard = costsOf(boms.length);
      const lotSize = Exact.of(String(lot));
      const expected = summarise(structure, lotSize).components.reduce((sum, { node, quantity }) => sum.plus(quantity.times(Exact.of(standard.get(node.id)!.amount))), Exact.zero);
      expect(rollUp(structure, inputs({ standard, lotSize })).root.total.times(lotSize).toFraction()).toBe(expected.toFraction());
    }), { numRuns: 200 });
  });

  it('spreads the set-up of a component over as many as the lot needs of it', () => {
    const plain = { scrapPercent: '0', fixed: false, phantom: false, unit: 'KGM' as const };
    const structure = structureOf([{ base: '1', lines: [{ ...plain, to: 1, quantityPer: '5' }] }, { base: '1', lines: [{ ...plain, to: 2, quantityPer: '1' }] }, { base: '1', lines: [] }]);
    const operations = new Map([['i0', [operation('i0', { costPerUnit: '0', rate: null })]], ['i1', [operation('i1', { setupHours: '1' })]]]);
    const { root, items, missing } = rollUp(structure, inputs({ standard: new Map([['i2', { itemId: 'i2', amount: '0', currency: 'USD' }]]), operations, lotSize: Exact.of('4') }));
    expect(items.find(({ node }) => node.id === 'i1')!.conversion.toDecimal()).toBe('3');
    expect([root.total.toDecimal(), missing]).toEqual(['15', []]);
  });

  it('is not complete without a routing, a rate, or a cost; a phantom needs none', () => {
    const plain = { quantityPer: '1', scrapPercent: '0', fixed: false, unit: 'KGM' as const };
    const boms = (phantom: boolean): RandomBom[] => [{ base: '1', lines: [{ ...plain, to: 1, phantom }] }, { base: '1', lines: [{ ...plain, phantom: false, to: 2 }] }, { base: '1', lines: [] }];
    const standard = costsOf(3);
    const known = [operation('i0', { runHours: '1' })];
    const missing = (phantom: boolean, more: Partial<CostInputs>) => rollUp(structureOf(boms(phantom)), inputs({ standard, ...more })).missing;
    expect(missing(true, { operations: new Map([['i0', known]]) })).toEqual([]);
    expect(missing(false, { operations: new Map([['i0', known]]) })).toEqual(['I1']);
    expect(missing(true, { operations: new Map([['i0', [...known, operation('i0', { rate: null })]]]) })).toEqual(['I0']);
    expect(missing(true, { operations: new Map([['i0', known]]), standard: new Map() })).toEqual(['I2']);
  });
});

describe('alternates by usage', () => {
  it('are together the whole need, whatever their percents add up to', () => {
    const items = new Map<string, StoredItem>([0, 1, 2, 3].map((i) => [`i${i}`, { id: `i${i}`, codeJson: `"I${i}"`, type: 'semi', unit: 'KGM' }]));
    const alternate = (i: number, usagePercent: string, more: Partial<StoredLine> = {}) => line(`l${i}`, `i${i}`, { position: i, quantityPer: '6', alternateGroup: 'S', alternatePriority: i, usagePercent, ...more });
    const needs = (...lines: StoredLine[]) => {
      const bom: StoredBom = { id: 'b', itemId: 'i0', revision: 'A', site: null, usage: 'engineering', baseQuantity: '1', lines };
      const structure = buildStructure({ ...question, alternates: 'usage', serial: 'SN-5' }, items, new Map([['i0', bom]]));
      return summarise(structure, Exact.one).components.map(({ node, quantity }) => `${node.id} ${quantity.toDecimal()}`);
    };
    expect(needs(alternate(1, '25'), alternate(2, '25'))).toEqual(['i1 3', 'i2 3']);
    expect(needs(alternate(1, '60'), alternate(2, '60'), alternate(3, '60'))).toEqual(['i1 2', 'i2 2', 'i3 2']);
    expect(needs(alternate(1, '50', { serialFrom: 'SN-9' }), alternate(2, '50'))).toEqual(['i2 6']);
    expect(needs(alternate(1, '0'), alternate(2, '0'))).toEqual(['i1 6']);
  });
});

describe('cycle search', () => {
  const edge = (parentId: string, componentId: string, more: Partial<Edge> = {}): Edge => ({ lineId: `${parentId}>${componentId}`, parentId, componentId, site: null, from: null, to: null, ...more });
  const upOf = (...edges: Edge[]): Map<string, Edge[]> => {
    const up = new Map<string, Edge[]>();
    for (const each of edges) up.set(each.componentId, [...(up.get(each.componentId) ?? []), each]);
    return up;
  };

  it('needs a day on which the whole ring counts', () => {
    const up = upOf(edge('A', 'B', { to: '2026-01-01' }), edge('B', 'C', { from: '2025-06-01' }));
    expect(cycleThrough(edge('C', 'A'), up)).toEqual(['A', 'B', 'C', 'A']);
    expect(cycleThrough(edge('C', 'A', { from: '2026-01-01' }), up)).toBeUndefined();
    expect(cycleThrough(edge('C', 'A', { to: '2025-06-01' }), up)).toBeUndefined();
    expect(cycleThrough(edge('C', 'A', { from: '2025-12-31' }), up)).toEqual(['A', 'B', 'C', 'A']);
  });

  it("needs a site at which the whole ring counts: the enterprise's edges count at every site", () => {
    const up = upOf(edge('A', 'B', { site: 'A' }), edge('B', 'C'));
    expect(cycleThrough(edge('C', 'A', { site: 'B' }), up)).toBeUndefined();
    expect(cycleThrough(edge('C', 'A', { site: 'A' }), up)).toBeDefined();
    expect(cycleThrough(edge('C', 'A'), up)).toBeDefined();
  });
});

describe('effectivity', () => {
  it('ends are exclusive; a last valid day becomes the day behind it', () => {
    expect(exclusiveEnd('2026-02-28')).toBe('2026-03-01');
    expect(exclusiveEnd('2024-02-28')).toBe('2024-02-29');
    expect(exclusiveEnd('2026-12-31')).toBe('2027-01-01');
    expect(intersection({ from: null, to: '2026-03-01' }, { from: '2026-03-01', to: null })).toBeUndefined();
    expect(intersection({ from: null, to: '2026-03-02' }, { from: '2026-03-01', to: null })).toEqual({ from: '2026-03-01', to: '2026-03-02' });
  });

  it('serial numbers are ordered as people count them', () => {
    expect(['SN-10', 'SN-9', 'SN-009A', 'A1', 'SN-100000000000000000001', 'SN-100000000000000000000'].sort(compareSerials))
      .toEqual(['A1', 'SN-9', 'SN-009A', 'SN-10', 'SN-100000000000000000000', 'SN-100000000000000000001']);
  });
});
