import { decimal, defineRecord, enumeration, reference, text, textList, type RecordOf } from '@datum/governed';

const someId = '01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f';
const evidence = 'match-evidence';

/** A system's supplier that may be one of ours: how likely, why, and what was decided. */
export const matchCandidateRecord = defineRecord({
  type: 'match-candidate', typeName: 'MatchCandidate', domain: 'supplier', collection: 'match-candidates', table: 'match_candidate',
  summary: "A system's supplier that may be one of ours: how likely, why, and what was decided.",
  key: ['system', 'site', 'sourceCode', 'supplierId'], site: 'site',
  groups: { [evidence]: 'What was compared, computed by the gateway.', match: 'What a steward decided.' },
  attributes: {
    system: text({ group: evidence, description: 'System the record comes from.', example: 'LEG1', required: true, fixed: true, filter: true, maxLength: 32 }),
    site: text({ group: evidence, description: 'Site whose code it is; null: wherever the system is used.', example: 'A', fixed: true, maxLength: 16 }),
    sourceCode: text({ group: evidence, description: "The system's code of the supplier.", example: 'V-10077', required: true, fixed: true, filter: true, maxLength: 120 }),
    sourceName: text({ group: evidence, description: 'Its name there.', example: 'Halvorsen Motoren', required: true }),
    supplierId: reference({ group: evidence, description: 'The supplier it may be.', example: someId, required: true, fixed: true, filter: true, refers: 'supplier' }),
    score: decimal({ group: evidence, description: 'From 0 (nothing in common) to 1.', example: '0.88', required: true, min: '0', max: '1' }),
    explanation: textList({ group: evidence, description: 'What spoke for it and against it.', example: ['Name 88 % alike', 'Same country DE'], maxItems: 10 }),
    decision: enumeration({ group: 'match', description: 'What became of it; null while a steward has to decide. auto-accepted is set by the gateway.', example: 'accepted', filter: true, values: ['auto-accepted', 'accepted', 'rejected'] }),
    decisionReason: text({ group: 'match', description: 'Why it was decided so.', example: 'Same contract.', maxLength: 400 }),
  },
});

export type MatchCandidate = RecordOf<typeof matchCandidateRecord>;
