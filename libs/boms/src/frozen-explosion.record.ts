import { date, decimal, defineRecord, integer, reference, text, type RecordOf } from '@datum/governed';
import { unitOfMeasure } from './bom.record.js';

const exampleId = '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f';

/** What a production order needs, as the BOMs stood when it was released. Later changes of a BOM do not reach it. */
export const frozenExplosionRecord = defineRecord({
  type: 'frozen-explosion',
  typeName: 'FrozenExplosion',
  domain: 'bom',
  collection: 'frozen-explosions',
  table: 'frozen_explosion',
  summary: 'The explosion that a production order was released with, kept with its hash.',
  key: ['orderId'],
  site: 'site',
  appendOnly: true,
  groups: { frozen: 'Computed by the gateway when an order is released.' },
  attributes: {
    orderId: text({ group: 'frozen', description: 'The production order.', example: exampleId, required: true, filter: true, maxLength: 60 }),
    itemId: reference({ group: 'frozen', description: 'What is made.', example: exampleId, required: true, refers: 'item' }),
    site: text({ group: 'frozen', description: 'Where.', example: 'A', maxLength: 16 }),
    quantity: decimal({ group: 'frozen', description: 'How much.', example: '100', required: true, maxDigits: 38, maxScale: 18 }),
    unit: unitOfMeasure(text({ group: 'frozen', description: 'Unit of the quantity: the base unit of the item.', example: 'C62', required: true, maxLength: 3 })),
    date: date({ group: 'frozen', description: 'Day whose BOMs were taken.', example: '2026-03-04', required: true }),
    bomId: reference({ group: 'frozen', description: 'The BOM of the item itself, when it had one.', example: exampleId, refers: 'bom' }),
    lineCount: integer({ group: 'frozen', description: 'Number of lines.', example: 14, required: true, min: 0 }),
    hash: text({ group: 'frozen', description: 'SHA-256, in hex, over the lines: each as canonical JSON, ended by a line feed.', example: 'a3f5…', required: true, maxLength: 64 }),
  },
});

export type FrozenExplosion = RecordOf<typeof frozenExplosionRecord>;
