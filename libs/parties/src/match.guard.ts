import { conflict, forbidden, type TxContext } from '@datum/platform';
import { localKeyRecord, type Candidate, type Consequence, type Guard, type RecordChange, type RecordWriter } from '@datum/governed';
import { linkedSupplier } from './match.repository.js';
import { matchCandidateRecord, type MatchCandidate } from './match-candidate.record.js';

const candidateOf = ({ after }: Candidate): MatchCandidate => after as unknown as MatchCandidate;
const accepts = ({ changed }: Candidate): boolean => changed.decision === 'accepted' || changed.decision === 'auto-accepted';

/** A code means one supplier: what is linked already is not linked again by a decision. Only the gateway accepts by itself. */
export const matchGuard: Guard = {
  name: 'match-decision',
  recordTypes: [matchCandidateRecord.type],
  async check(context: TxContext, candidates: readonly Candidate[]): Promise<void> {
    for (const candidate of candidates.filter(accepts)) {
      const { system, sourceCode, site, supplierId, decision } = candidateOf(candidate);
      const linked = await linkedSupplier(context.tx, { system: system!, code: sourceCode!, site });
      if (linked !== undefined && linked !== supplierId) {
        candidate.error = conflict('match-candidate.linked', `${system} code ${sourceCode} means another supplier already.`, { supplierId: linked });
      } else if (decision === 'auto-accepted' && candidate.verdicts.size > 0) {
        candidate.error = forbidden('match-candidate.auto', 'A steward accepts or rejects; auto-accepted is set by the gateway.');
      }
    }
  },
};

/** An accepted candidate gives the supplier the system's code. */
export const matchConsequence = (writer: RecordWriter): Consequence => ({
  recordType: matchCandidateRecord.type,
  async apply(context: TxContext, applied: readonly Candidate[]): Promise<void> {
    const changes = applied.filter(accepts).map(candidateOf).map(({ system, site, sourceCode, supplierId }): RecordChange => ({
      op: 'upsert', attributes: { recordType: 'supplier', recordId: supplierId, system, site, code: sourceCode, status: 'active' },
    }));
    const results = changes.length > 0 ? await writer.applyConsequence(context, localKeyRecord, changes) : [];
    for (const result of results) if (result.status === 'refused') throw result.error;
  },
});
