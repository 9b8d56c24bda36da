import type { AnyRecord, OperationError } from '@datum/governed';
import type { ErpRecord } from '../erp-port.js';
import { agree, agreesWithAny, shownPatch, touchedValues, wishedValues, type ErpForm } from '../erp-values.js';
import type { Values, WriteRequest } from '../write-request.js';
import * as answers from './dispatch-answers.js';
import type { ErpOperation } from './erp-gate.js';

/** Everything the steps of one claimed request share. */
export interface Run {
  /** As the last step left it. */
  request: WriteRequest;
  definition: AnyRecord;
  form: ErpForm;
  /** The record's code in the target system. */
  key: string;
  /** What earlier requests of the requester, which were on their way when it asked, wish of the record: each may have been taken or refused since. */
  earlierWishes: readonly Values[];
  /** Whether, when it was claimed, the change may have been sent already. */
  wasSent: boolean;
  /** The call under way, for what its failure means. */
  calling: ErpOperation;
}

/** What the ERP's present state means for a request: it is so already, it may be written, or it ends here. */
export type Outlook = 'wished' | 'write' | { state: 'rejected' | 'needs-review'; answer: OperationError };

interface Circumstances {
  /** It is looked at because an earlier write may have had its effect. */
  isLookUp: boolean;
  /** The ERP itself drops a write that comes again with the same key. */
  dropsRepeats: boolean;
}

/** A pure decision: the same state always means the same. */
export function outlookOf(run: Run, held: ErpRecord | undefined, circumstances: Circumstances): Outlook {
  const { request, form, key } = run;
  if (request.op === 'create') return outlookOfCreate(run, held);
  if (!held) return { state: 'rejected', answer: answers.unsupported(request, `it has no record ${key}.`) };
  const values = touchedValues(form, held, Object.keys(request.patch));
  if (agree(form, request.patch, wishedValues(form, request.patch, values), values)) return 'wished';
  const acceptable = [request.seen, ...run.earlierWishes.map((wishes) => ({ ...request.seen, ...wishedValues(form, wishes, request.seen) }))];
  if (!agreesWithAny(form, request.patch, acceptable, values)) return { state: 'rejected', answer: answers.conflictAnswer(request, values) };
  // It holds what the requester saw, but no longer in the version that the change was sent for: the change may have been done and undone there.
  const movedOn = circumstances.isLookUp && request.tokenSent !== (held.token ?? '');
  return movedOn && !circumstances.dropsRepeats ? { state: 'needs-review', answer: answers.movedOnAnswer(request, values) } : 'write';
}

function outlookOfCreate(run: Run, held: ErpRecord | undefined): Outlook {
  const { request, form, key } = run;
  if (!held) return 'write';
  if (request.tokenSent === null) return { state: 'rejected', answer: answers.keyTaken(request, key) };
  const values = touchedValues(form, held, Object.keys(request.patch));
  const shown = shownPatch(form, request.patch, values);
  return agree(form, shown, wishedValues(form, shown, {}), values) ? 'wished' : { state: 'needs-review', answer: answers.differs(request, values) };
}
