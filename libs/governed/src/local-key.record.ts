import { enumeration, instant, reference, text } from './attribute.js';
import { defineRecord, type RecordOf } from './record-definition.js';

/**
 * A code that a system uses for a record: the cross-reference. One type serves every domain; a system maintains its own codes.
 * One system may serve two sites, so the same code may stand once per site.
 */
export const localKeyRecord = defineRecord({
  type: 'local-key',
  typeName: 'LocalKey',
  domain: 'cross-reference',
  collection: 'local-keys',
  table: 'local_key',
  summary: 'The code that a system (at a site) uses for a record.',
  key: ['recordType', 'system', 'site', 'code'],
  site: 'site',
  system: 'system',
  groups: { key: 'The code itself, and what it stands for.' },
  attributes: {
    recordType: text({ group: 'key', description: 'Type of the record meant.', example: 'item', required: true, fixed: true, filter: true, maxLength: 40 }),
    recordId: { ...reference({ group: 'key', description: 'The record meant.', example: '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f', required: true, filter: true, refers: '' }), refers: undefined },
    system: text({ group: 'key', description: 'The system that uses the code.', example: 'LEG1', required: true, fixed: true, filter: true, maxLength: 32 }),
    site: text({ group: 'key', description: 'Limited to this site; null: wherever the system is used.', example: 'A', fixed: true, filter: true, maxLength: 16 }),
    code: text({ group: 'key', description: "The system's own code, as it writes it; leading zeros count.", example: 'LA-500-24', required: true, fixed: true, filter: true, maxLength: 120 }),
    status: enumeration({ group: 'key', description: 'Whether the code is in use.', example: 'active', required: true, values: ['active', 'retired'] }),
    validFrom: instant({ group: 'key', description: 'In use from.', example: '2026-01-01T00:00:00Z' }),
    validTo: instant({ group: 'key', description: 'In use until (exclusive).', example: '2027-01-01T00:00:00Z' }),
  },
});

export type LocalKey = RecordOf<typeof localKeyRecord>;
