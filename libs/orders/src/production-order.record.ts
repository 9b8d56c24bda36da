import { date, decimal, defineRecord, enumeration, instant, quantity, reference, text, type RecordOf } from '@datum/governed';

const someId = '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f';
const count = (group: string, description: string, example: string) => decimal({ group, description: `${description} In base units.`, example, min: '0' });
const percent = (description: string, example: string) => decimal({ group: 'production-header', description, example, min: '0', max: '100' });

/** `production-order-state/1`. */
export const productionStates = [
  'PLANNED', 'RELEASED', 'STARTED', 'INTERRUPTED', 'MACHINE_FINISHED', 'QUALITY_RELEASED', 'COMPLETED', 'CLOSED', 'CANCELLED',
] as const;
export type ProductionState = (typeof productionStates)[number];

/** An order to make something. Its measures are kept apart, because the plants mean different ones by "completed"; the canonical state follows from them. */
export const productionOrderRecord = defineRecord({
  type: 'production-order', typeName: 'ProductionOrder', domain: 'order', collection: 'production-orders', table: 'production_order',
  summary: 'An order to make an item at a site.',
  key: ['number'], site: 'site', localKeys: true,
  lifecycle: {
    attribute: 'state', initial: productionStates,
    transitions: {
      PLANNED: ['RELEASED', 'CANCELLED'],
      RELEASED: ['STARTED', 'CANCELLED'],
      STARTED: ['INTERRUPTED', 'MACHINE_FINISHED', 'CANCELLED'],
      INTERRUPTED: ['STARTED', 'MACHINE_FINISHED', 'CANCELLED'],
      MACHINE_FINISHED: ['QUALITY_RELEASED', 'COMPLETED'],
      QUALITY_RELEASED: ['COMPLETED'],
      COMPLETED: ['CLOSED'],
    },
  },
  groups: {
    'production-header': 'What is to be made, where and until when.',
    'production-execution': 'What the line reports.',
    'production-quality': 'What quality decided.',
    'production-posting': 'What the books know.',
    'production-state': 'The canonical state, computed by the gateway.',
  },
  attributes: {
    number: text({ group: 'production-header', description: 'Canonical order number.', example: 'A-1001', required: true, fixed: true, filter: true, sort: true, maxLength: 60 }),
    itemId: reference({ group: 'production-header', description: 'What is made.', example: someId, required: true, fixed: true, filter: true, refers: 'item' }),
    site: text({ group: 'production-header', description: 'Site code.', example: 'A', required: true, fixed: true, filter: true, maxLength: 16 }),
    quantity: quantity({ group: 'production-header', description: 'Planned quantity, in the base unit of the item.', example: { value: '80', unit: 'C62' }, required: true, min: '0' }),
    startOn: date({ group: 'production-header', description: 'Planned start.', example: '2026-03-04' }),
    dueOn: date({ group: 'production-header', description: 'Planned end.', example: '2026-03-05', filter: true, sort: true }),
    underTolerancePercent: percent('How much less still counts as complete.', '2'),
    overTolerancePercent: percent('How much more may be made; null: nothing.', '5'),
    commitment: enumeration({ group: 'production-header', description: 'How far the ERP has committed itself.', example: 'RELEASED', required: true, values: ['PLANNED', 'RELEASED', 'CLOSED', 'CANCELLED'] }),
    localStatus: text({ group: 'production-header', description: "Status in the ERP's own words.", example: 'FREI', maxLength: 60 }),
    executionState: enumeration({ group: 'production-execution', description: 'What the line last reported.', example: 'STARTED', values: ['STARTED', 'INTERRUPTED', 'MACHINE_FINISHED'] }),
    executionLocalStatus: text({ group: 'production-execution', description: "Status in the MES's own words.", example: 'RUN', maxLength: 60 }),
    startedAt: instant({ group: 'production-execution', description: 'First operation confirmed.', example: '2026-03-04T15:05:00Z' }),
    finishedAt: instant({ group: 'production-execution', description: 'Last operation confirmed.', example: '2026-03-04T20:40:00Z' }),
    machineFinished: count('production-execution', 'Through the last operation.', '80'),
    scrapped: count('production-execution', 'Scrapped.', '5'),
    rework: count('production-execution', 'Being reworked.', '0'),
    qualityReleased: count('production-quality', 'Released by quality.', '70'),
    qualityRejected: count('production-quality', 'Rejected or put on hold by quality.', '10'),
    posted: count('production-posting', 'Posted in the books.', '70'),
    state: enumeration({ group: 'production-state', description: 'Canonical state, vocabulary production-order-state/1.', example: 'STARTED', computed: true, filter: true, values: productionStates }),
    completed: decimal({ group: 'production-state', description: 'Completed as the enterprise counts: released by quality and posted.', example: '70', computed: true }),
  },
});

export type ProductionOrder = RecordOf<typeof productionOrderRecord>;
