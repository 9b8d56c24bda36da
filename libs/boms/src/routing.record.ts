import { decimal, defineRecord, enumeration, integer, money, reference, text, type RecordOf } from '@datum/governed';
import { bomStates, lifecycleOfRevision, period, positive } from './bom.record.js';

const exampleId = '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f';

/** Where work is done: a machine, a line or a group of people of one site. */
export const workCentreRecord = defineRecord({
  type: 'work-centre',
  typeName: 'WorkCentre',
  domain: 'routing',
  collection: 'work-centres',
  table: 'work_centre',
  summary: 'A work centre of a site, with its rate.',
  key: ['code'],
  site: 'site',
  groups: { 'work-centre': 'Where work is done, what an hour costs and how much can be done at once.' },
  attributes: {
    code: text({ group: 'work-centre', description: 'Code, unique in the enterprise.', example: 'A-ASM-1', required: true, fixed: true, filter: true, sort: true, maxLength: 40 }),
    site: text({ group: 'work-centre', description: 'Site code.', example: 'A', required: true, fixed: true, filter: true, maxLength: 16 }),
    name: text({ group: 'work-centre', description: 'Name.', example: 'Actuator assembly', maxLength: 120 }),
    costRate: money({ group: 'work-centre', description: 'Cost of one hour.', example: { amount: '56', currency: 'USD' }, min: '0' }),
    capacity: decimal({ group: 'work-centre', description: 'Orders or machines that run at once.', example: '1', min: '0' }),
  },
});

const groups = { standard: 'The enterprise standard routing, for costing.', operations: "A site's operations and standard times." };
const siteGroups = { standard: 'operations' };

/** How an item is made, in one revision. Without a site it is the enterprise's standard; with a site it is how that plant works. */
export const routingRecord = defineRecord({
  type: 'routing',
  typeName: 'Routing',
  domain: 'routing',
  collection: 'routings',
  table: 'routing',
  summary: 'A routing: the operations that make an item.',
  key: ['itemId', 'revision', 'site', 'alternative'],
  site: 'site',
  lifecycle: lifecycleOfRevision,
  groups,
  siteGroups,
  attributes: {
    itemId: reference({ group: 'standard', description: 'The item that is made.', example: exampleId, required: true, fixed: true, filter: true, refers: 'item' }),
    site: text({ group: 'standard', description: 'Site whose routing this is; absent for the enterprise standard.', example: 'A', fixed: true, filter: true, maxLength: 16 }),
    alternative: integer({ group: 'standard', description: 'Alternative; the lowest is used, absent before all.', example: 1, fixed: true, min: 1, max: 99 }),
    revision: text({ group: 'standard', description: 'Revision.', example: '1', required: true, fixed: true, filter: true, maxLength: 20 }),
    state: enumeration({ group: 'standard', description: 'Life cycle state.', example: 'released', required: true, filter: true, values: bomStates }),
    ...period('standard'),
  },
});

/** One step of a routing. Its conversion cost is (setup + run) × rate ÷ yield, or the fixed cost per unit where no rate applies. */
export const routingOperationRecord = defineRecord({
  type: 'routing-operation',
  typeName: 'RoutingOperation',
  domain: 'routing',
  collection: 'routing-operations',
  table: 'routing_operation',
  summary: 'An operation of a routing: where, how long, and with what yield.',
  key: ['routingId', 'position'],
  site: 'site',
  groups,
  siteGroups,
  attributes: {
    routingId: reference({ group: 'standard', description: 'The routing.', example: exampleId, required: true, fixed: true, filter: true, refers: 'routing' }),
    site: text({ group: 'standard', description: 'The site of the routing, when it has one.', example: 'A', fixed: true, filter: true, maxLength: 16 }),
    position: integer({ group: 'standard', description: 'Position within the routing.', example: 10, required: true, fixed: true, min: 1, max: 9999 }),
    description: text({ group: 'standard', description: 'What is done.', example: 'Assemble', maxLength: 200 }),
    workCentreId: reference({ group: 'standard', description: 'Where it is done.', example: exampleId, filter: true, refers: 'work-centre' }),
    setupHours: decimal({ group: 'standard', description: 'Hours to set up, once per lot.', example: '0.5', min: '0' }),
    runHours: decimal({ group: 'standard', description: 'Hours for runQuantity units. 1 hour for 4 units says 4 per hour exactly.', example: '1', min: '0' }),
    runQuantity: positive(decimal({ group: 'standard', description: 'Units made in runHours; absent: 1.', example: '4' })),
    yieldPercent: positive(decimal({ group: 'standard', description: 'Good units of a hundred; absent: 100.', example: '98.5', max: '100' })),
    costPerUnit: money({ group: 'standard', description: 'Conversion cost of one unit as agreed, instead of time and rate (subcontracting, standards).', example: { amount: '6', currency: 'USD' }, min: '0' }),
  },
});

export type WorkCentre = RecordOf<typeof workCentreRecord>;
export type Routing = RecordOf<typeof routingRecord>;
export type RoutingOperation = RecordOf<typeof routingOperationRecord>;
