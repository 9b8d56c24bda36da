import { defineRecord, enumeration, integer, money, reference, text } from '@datum/governed';

/** What a plant works with and wears out. */
export const toolRecord = defineRecord({
  type: 'tool',
  typeName: 'Tool',
  domain: 'tooling',
  collection: 'tools',
  table: 'tool',
  summary: 'A mould, die or gauge of a site.',
  key: ['code'],
  site: 'site',
  localKeys: true,
  lifecycle: {
    attribute: 'state',
    initial: ['in-use'],
    transitions: { 'in-use': ['in-repair', 'scrapped'], 'in-repair': ['in-use', 'scrapped'] },
  },
  groups: { identity: 'What the tool is and where it stands.', wear: 'How much it has been used.' },
  attributes: {
    code: text({ group: 'identity', description: 'Tool code.', example: 'MLD-0042', required: true, fixed: true, filter: true, sort: true, maxLength: 40 }),
    site: text({ group: 'identity', description: 'Site code.', example: 'A', required: true, fixed: true, filter: true, maxLength: 16 }),
    state: enumeration({ group: 'identity', description: 'Life cycle state.', example: 'in-use', required: true, values: ['in-use', 'in-repair', 'scrapped'] }),
    itemId: reference({ group: 'identity', description: 'The item made with it.', example: '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f', filter: true, refers: 'item' }),
    cost: money({ group: 'identity', description: 'What it cost.', example: { amount: '18400', currency: 'USD' }, min: '0' }),
    shots: integer({ group: 'wear', description: 'Strokes so far.', example: 120400, min: 0 }),
  },
});
