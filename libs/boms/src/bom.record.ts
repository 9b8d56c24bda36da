import { boolean, date, decimal, defineRecord, enumeration, integer, reference, text, type Attribute, type RecordOf } from '@datum/governed';
import { compareDecimals } from '@datum/platform';
import { units } from '@datum/semantics';

export const bomUsages = ['engineering', 'manufacturing', 'costing', 'service'] as const;
export type BomUsage = (typeof bomUsages)[number];
export const bomStates = ['draft', 'in-review', 'released', 'superseded', 'obsolete'] as const;

const exampleId = '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f';

/** Zero is no such quantity: nothing can be made per zero, and no rate is per zero. */
export function positive(attribute: Attribute<string>): Attribute<string> {
  return { ...attribute, parse: (value) => {
    const parsed = attribute.parse(value);
    if ('problem' in parsed || compareDecimals(parsed.value, '0') > 0) return parsed;
    return { problem: { code: 'number.range', detail: 'Must be more than 0.' } };
  } };
}

/** A Rec 20 code that is known, or a package code (X and two letters), which converts to nothing else. */
export function unitOfMeasure(attribute: Attribute<string>): Attribute<string> {
  return { ...attribute, parse: (value) => {
    const parsed = attribute.parse(value);
    if ('problem' in parsed || units.has(parsed.value) || /^X[A-Z0-9]{2}$/.test(parsed.value)) return parsed;
    return { problem: { code: 'unit.unknown', detail: `${parsed.value} is no unit of UN/ECE Rec 20 known here.` } };
  } };
}

export const lifecycleOfRevision = {
  attribute: 'state',
  initial: ['draft', 'in-review', 'released'],
  transitions: {
    draft: ['in-review', 'released', 'obsolete'],
    'in-review': ['draft', 'released', 'obsolete'],
    released: ['superseded', 'obsolete'],
    superseded: ['released', 'obsolete'],
  },
} as const;

/** Both ends of a validity, as days. Ends are exclusive everywhere in Datum; sources that count the last day in convert with `exclusiveEnd`. */
export const period = (group: string, { fixedStart = false } = {}) => ({
  effectiveFrom: date({ group, fixed: fixedStart, description: 'First day on which it counts; absent: always did.', example: '2026-03-01' }),
  effectiveTo: date({ group, description: 'First day on which it no longer counts (exclusive); absent: no end.', example: '2026-03-01' }),
});

/**
 * What an item is made of, in one revision. Without a site it is the enterprise's and engineering decides it; with a site it is the plant's own and the
 * plant's ERP decides it.
 */
export const bomRecord = defineRecord({
  type: 'bom',
  typeName: 'Bom',
  domain: 'bom',
  collection: 'boms',
  table: 'bom',
  summary: 'A bill of material: what an item is made of, in one revision.',
  key: ['itemId', 'usage', 'revision', 'site', 'alternative'],
  site: 'site',
  lifecycle: lifecycleOfRevision,
  groups: { engineering: 'The enterprise bill of material.', manufacturing: "A site's own bill of material, with its alternates." },
  siteGroups: { engineering: 'manufacturing' },
  attributes: {
    itemId: reference({ group: 'engineering', description: 'The item that is made.', example: exampleId, required: true, fixed: true, filter: true, refers: 'item' }),
    site: text({ group: 'engineering', description: 'Site whose own BOM this is; absent for the enterprise.', example: 'A', fixed: true, filter: true, maxLength: 16 }),
    usage: enumeration({ group: 'engineering', description: 'What it is for.', example: 'engineering', required: true, fixed: true, filter: true, values: bomUsages }),
    alternative: integer({ group: 'engineering', description: 'Alternative way to make the item; the lowest is used, absent before all.', example: 1, fixed: true, min: 1, max: 99 }),
    revision: text({ group: 'engineering', description: 'Revision.', example: 'C', required: true, fixed: true, filter: true, maxLength: 20 }),
    revisionText: text({ group: 'engineering', description: 'What the revision changed.', example: 'Seal SEA-02, six bolts', maxLength: 400 }),
    baseQuantity: positive(decimal({ group: 'engineering', description: 'How much of the item, in its base unit, the quantities of the lines make; absent: 1.', example: '1' })),
    state: enumeration({ group: 'engineering', description: 'Life cycle state. Released and superseded revisions explode on the days they are effective.', example: 'released', required: true, filter: true, values: bomStates }),
    ...period('engineering'),
  },
});

/** One component of a BOM. It belongs to the owner of its BOM, and so carries its site. */
export const bomLineRecord = defineRecord({
  type: 'bom-line',
  typeName: 'BomLine',
  domain: 'bom',
  collection: 'bom-lines',
  table: 'bom_line',
  summary: 'A component of a bill of material.',
  key: ['bomId', 'position', 'componentId', 'effectiveFrom'],
  site: 'site',
  groups: { engineering: 'The enterprise bill of material.', manufacturing: "A site's own bill of material, with its alternates." },
  siteGroups: { engineering: 'manufacturing' },
  attributes: {
    bomId: reference({ group: 'engineering', description: 'The BOM.', example: exampleId, required: true, fixed: true, filter: true, refers: 'bom' }),
    site: text({ group: 'engineering', description: 'The site of the BOM, when it has one.', example: 'A', fixed: true, filter: true, maxLength: 16 }),
    position: integer({ group: 'engineering', description: 'Position within the BOM.', example: 10, required: true, fixed: true, min: 1, max: 99999999 }),
    componentId: reference({ group: 'engineering', description: 'The component.', example: exampleId, required: true, fixed: true, filter: true, refers: 'item' }),
    quantityPer: decimal({ group: 'engineering', description: "Needed for the BOM's base quantity, before scrap.", example: '4', required: true, min: '0' }),
    unit: unitOfMeasure(text({ group: 'engineering', description: 'Unit of the quantity, UN/ECE Rec 20; convertible to the base unit of the component.', example: 'C62', required: true, maxLength: 3, pattern: /^[A-Z0-9]{2,3}$/ })),
    quantityKind: enumeration({ group: 'engineering', description: 'variable: grows with the quantity made; fixed: once per order, whatever the quantity. Absent: variable.', example: 'variable', values: ['variable', 'fixed'] }),
    scrapPercent: decimal({ group: 'engineering', description: 'Planned loss: so many percent more are needed.', example: '2', min: '0', max: '1000' }),
    phantom: boolean({ group: 'engineering', description: 'Never stocked: its own components take its place. Items of type phantom are so without it.', example: false }),
    alternateGroup: text({ group: 'engineering', description: 'Lines of one group stand for each other; one of them is used.', example: 'SEAL', maxLength: 20 }),
    alternatePriority: integer({ group: 'engineering', description: '1 is used first.', example: 1, min: 1, max: 99 }),
    usagePercent: decimal({ group: 'engineering', description: 'Share within the alternate group, when alternates are split by usage.', example: '60', min: '0', max: '100' }),
    ...period('engineering', { fixedStart: true }),
    serialFrom: text({ group: 'engineering', description: 'First serial number of the end product it counts for.', example: 'SN-1000', maxLength: 40 }),
    serialTo: text({ group: 'engineering', description: 'Last serial number it counts for (inclusive).', example: 'SN-1999', maxLength: 40 }),
    lotFrom: text({ group: 'engineering', description: 'First lot of the end product it counts for.', example: 'L-0100', maxLength: 40 }),
    lotTo: text({ group: 'engineering', description: 'Last lot it counts for (inclusive).', example: 'L-0199', maxLength: 40 }),
    operationPosition: integer({ group: 'engineering', description: 'Operation of the routing where it is needed.', example: 10, min: 1, max: 9999 }),
  },
});

export type Bom = RecordOf<typeof bomRecord>;
export type BomLine = RecordOf<typeof bomLineRecord>;

/** The exclusive end of a validity whose last day counts: ERPs that print 2026-02-28 as the last valid day mean 2026-03-01 here. */
export function exclusiveEnd(lastDay: string): string {
  const day = new Date(`${lastDay}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + 1);
  return day.toISOString().slice(0, 10);
}
