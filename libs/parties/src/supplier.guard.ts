import { AppError, conflict, forbidden, invalid, type TxContext } from '@datum/platform';
import type { RegistryReader } from '@datum/registry';
import type { Candidate, Consequence, Guard, RecordChange, RecordWriter } from '@datum/governed';
import { comparableName, comparableTaxId } from './name-similarity.js';
import { bankChangeRecord, supplierRecord, type BankChange, type Supplier } from './supplier.record.js';

const bankAttributes = ['iban', 'bic', 'accountHolder'] as const;
/** Changes that two people have agreed on. Only this room can put one in. */
const approved = new WeakSet<RecordChange>();

/** Keeps what matching compares in step with the supplier, and lets bank data change only by an approved request. */
export const supplierGuard: Guard = {
  name: 'supplier',
  recordTypes: ['supplier'],
  check(_context: TxContext, candidates: readonly Candidate[]): void {
    for (const candidate of candidates) {
      derive(candidate);
      if (bankAttributes.some((name) => name in candidate.changed) && !approved.has(candidate.change)) {
        candidate.error = forbidden('supplier.bank-four-eyes', 'Bank data is changed by a request that another person approves.', {
          links: { bankChanges: { href: '/v1/supplier-bank-changes', method: 'POST' } },
        });
      }
    }
  },
};

function derive({ after, changed }: Candidate): void {
  const { name, taxIds } = after as unknown as Supplier;
  const matchName = comparableName(name!);
  const matchTaxIds = taxIds === null ? null : taxIds.map(comparableTaxId);
  if ('name' in changed || after.matchName === null) changed.matchName = after.matchName = matchName;
  if ('taxIds' in changed) changed.matchTaxIds = after.matchTaxIds = matchTaxIds;
}

/**
 * One asks, another decides, once. Another is a participant of its own whose contact has another email address, where both gave one: two credentials in one
 * pair of hands are not four eyes. Who stands behind participants without a contact the gateway cannot tell; operators give each its own.
 */
export const bankChangeGuard = (registry: RegistryReader): Guard => ({
  name: 'bank-four-eyes',
  recordTypes: [bankChangeRecord.type],
  async check(context: TxContext, candidates: readonly Candidate[]): Promise<void> {
    for (const candidate of candidates) candidate.error = bankChangeProblem(context, candidate) ?? await sameContactProblem(context, candidate, registry);
  },
});

async function sameContactProblem(context: TxContext, { before }: Candidate, registry: RegistryReader): Promise<AppError | undefined> {
  if (!before) return undefined;
  const [asked, decides] = [await emailOf(context, String(before.requestedBy), registry), await emailOf(context, context.actor.participantId, registry)];
  if (asked === undefined || asked !== decides) return undefined;
  return forbidden('supplier.four-eyes', 'Who asked for a bank change cannot decide it: both participants have the same contact.', { requestedBy: String(before.requestedBy) });
}

/** Undefined without a contact, and for the gateway itself, which the registry does not list. */
async function emailOf(context: TxContext, participantId: string, registry: RegistryReader): Promise<string | undefined> {
  try {
    const { contact } = await registry.participant(context, participantId);
    return contact?.email.trim().toLowerCase();
  } catch (error) {
    if (error instanceof AppError && error.kind === 'notFound') return undefined;
    throw error;
  }
}

function bankChangeProblem({ actor, requester }: TxContext, { before, after, changed }: Candidate): AppError | undefined {
  // What goes through a write request is carried out in the gateway's name: nobody could tell any more who asked and who decided.
  if (requester) return forbidden('supplier-bank-change.direct', 'A bank change is asked for and decided directly, not by a write request.');
  if (!before) {
    if ('decision' in changed) {
      return invalid('A request cannot decide itself.', [{ pointer: '#/decision', code: 'supplier.four-eyes', detail: 'Decided by another participant, later.' }]);
    }
    changed.requestedBy = after.requestedBy = actor.participantId;
    return undefined;
  }
  if (before.decision !== null) return conflict('supplier-bank-change.decided', `This request was ${(before as unknown as BankChange).decision} already.`);
  if (before.requestedBy === actor.participantId) {
    return forbidden('supplier.four-eyes', 'Who asked for a bank change cannot decide it.', { requestedBy: String(before.requestedBy) });
  }
  if ('decision' in changed) changed.decidedBy = after.decidedBy = actor.participantId;
  return undefined;
}

/** An approved request puts the bank data in place, in the same transaction. */
export const bankChangeConsequence = (writer: RecordWriter): Consequence => ({
  recordType: bankChangeRecord.type,
  async apply(context: TxContext, applied: readonly Candidate[]): Promise<void> {
    const changes = applied.filter(({ changed }) => changed.decision === 'approved').map(({ after }): RecordChange => {
      const { supplierId, iban, bic, accountHolder, number } = after as unknown as BankChange;
      return { op: 'update', id: supplierId!, attributes: { iban, bic, accountHolder }, source: { event: `supplier-bank-change ${number}` } };
    });
    for (const change of changes) approved.add(change);
    const results = changes.length > 0 ? await writer.applyConsequence(context, supplierRecord, changes) : [];
    for (const result of results) if (result.status === 'refused') throw result.error;
  },
});
