import { invalid, maySeeSite, type AppError, type TxContext } from '@datum/platform';
import type { Candidate } from './change.js';
import type { Guard } from './guard.js';
import { localKeyRecord } from './local-key.record.js';
import { siteOf } from './ownership-check.js';
import type { RecordCatalogue } from './record-catalogue.js';
import { selectByIds } from './record.repository.js';
import { toWire } from './record-rows.js';

/** A code stands for a record that there is, of a type that takes codes; what the writer may not see is not there for it. */
export const localKeyGuard = (catalogue: RecordCatalogue): Guard => ({
  name: 'local-key-target',
  recordTypes: [localKeyRecord.type],
  async check(context: TxContext, candidates: readonly Candidate[]): Promise<void> {
    const aimed = candidates.filter(({ before, changed, change }) => !change.isAlong && (!before || 'recordId' in changed));
    for (const type of new Set(aimed.map(typeOf))) await checkType(context, catalogue, type, aimed.filter((candidate) => typeOf(candidate) === type));
  },
});

async function checkType(context: TxContext, catalogue: RecordCatalogue, type: string, candidates: readonly Candidate[]): Promise<void> {
  const definition = catalogue.find(type);
  if (!definition?.localKeys) {
    for (const candidate of candidates) candidate.error = targetProblem('recordType', `Systems have no codes of their own for records of type "${type}".`);
    return;
  }
  const rows = await selectByIds(context.tx, definition, [...new Set(candidates.map(idOf))]);
  const visible = rows.map((row) => toWire(definition, row)).filter((record) => {
    const site = siteOf(definition, record);
    return site === null || maySeeSite(context.actor, site);
  });
  const known = new Set(visible.map(({ id }) => id));
  for (const candidate of candidates) if (!known.has(idOf(candidate))) candidate.error = targetProblem('recordId', `There is no such ${type}.`);
}

const typeOf = ({ after }: Candidate): string => String(after.recordType);
const idOf = ({ after }: Candidate): string => String(after.recordId);

const targetProblem = (attribute: string, detail: string): AppError =>
  invalid(detail, [{ pointer: `#/${attribute}`, code: 'reference.not-found', detail }], 'local-key.invalid');
