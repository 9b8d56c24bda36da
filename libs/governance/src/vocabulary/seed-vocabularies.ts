import type { RequestContext } from '@datum/platform';
import type { RecordChange, RecordWriter } from '@datum/governed';
import { defaultTerms } from './default-vocabularies.js';
import { vocabularyTermRecord } from './vocabulary-term.record.js';

/** Puts the canonical vocabularies in place. Terms that are there already are left as they were changed. */
export async function seedVocabularies(writer: RecordWriter, context: RequestContext, seed: { validFrom: string }): Promise<number> {
  const changes = defaultTerms().map((attributes): RecordChange => ({ op: 'create', validFrom: seed.validFrom, attributes }));
  const results = await writer.applyBatch(context, vocabularyTermRecord, changes);
  for (const result of results) if (result.status === 'refused' && result.error.kind !== 'conflict') throw result.error;
  return results.filter(({ status }) => status === 'created').length;
}
