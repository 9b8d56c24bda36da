import { defineRecord, enumeration, integer, map, text, type RecordOf } from '@datum/governed';

/** A word of the enterprise with its one meaning. Sites keep their own codes; what those are mapped to stands here. */
export const vocabularyTermRecord = defineRecord({
  type: 'vocabulary-term',
  typeName: 'VocabularyTerm',
  domain: 'vocabulary',
  collection: 'vocabulary-terms',
  table: 'vocabulary_term',
  summary: 'A term of a canonical vocabulary, with its definition.',
  key: ['vocabulary', 'edition', 'code'],
  groups: { term: 'The term and what it means.' },
  attributes: {
    vocabulary: text({ group: 'term', description: 'Vocabulary.', example: 'inventory-state', required: true, fixed: true, filter: true, maxLength: 40 }),
    edition: integer({ group: 'term', description: 'Edition of the vocabulary: a change of meaning makes a new one.', example: 1, required: true, fixed: true, filter: true, min: 1, max: 9_999 }),
    code: text({ group: 'term', description: 'The canonical code.', example: 'QUALITY_HOLD', required: true, fixed: true, filter: true, maxLength: 40 }),
    definition: text({ group: 'term', description: 'What it means, and what not.', example: 'Decision negative or suspended; must not be used.', required: true, maxLength: 400 }),
    parent: text({ group: 'term', description: 'Code of the broader term.', example: 'SCR-PRC', filter: true, maxLength: 40 }),
    marks: map({ group: 'term', description: 'What figures need to know of it, by name.', example: { onHand: 'yes', promisable: 'no' } }),
    status: enumeration({ group: 'term', description: 'Whether new records may use it.', example: 'active', required: true, filter: true, values: ['active', 'retired'] }),
  },
});

export type VocabularyTerm = RecordOf<typeof vocabularyTermRecord>;
