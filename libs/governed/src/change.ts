import type { AppError, FieldProblem, IfMatch } from '@datum/platform';
import type { OwnershipVerdict } from '@datum/ownership';
import type { AnyRecord } from './record-definition.js';
import type { ProvenanceByGroup, WireRecord } from './record-rows.js';

/** A code that a system uses for the record, given along when it is created. */
export interface LocalKeyInput { system: string; code: string; site?: string | null }

/**
 * One wished change, as any channel brings it. `attributes` is a merge patch [RFC 7396] in wire names: absent leaves, null clears.
 */
export interface RecordChange {
  op: 'create' | 'update' | 'upsert';
  /** Which record to update: by id, or by its natural key within `attributes` (upsert), or by `key`. */
  id?: string;
  key?: Record<string, unknown>;
  attributes: Record<string, unknown>;
  localKeys?: LocalKeyInput[];
  /** Update only: refuse when the record has moved on. Absent: the caller accepts any version (imports by the owner). */
  ifMatch?: IfMatch;
  /** Business time from which it holds; default now. Not in the future. */
  validFrom?: string;
  /** Where the change came from, for provenance: the event or ERP document, and the mapping that was used. */
  source?: { event?: string; mapping?: string };
  /** A local key that comes along with its record, which is written in the same breath and need not be there yet. */
  isAlong?: boolean;
}

/** What became of one change. `record` is the state afterwards. */
export type ChangeResult =
  | { status: 'created' | 'updated' | 'unchanged'; record: WireRecord; observed: string[] }
  | { status: 'refused'; error: AppError };

/** What a policy that people set found in a change; kept with the change in the ledger. */
export interface PolicyFinding {
  policy: string;
  version: number;
  /** `approval`: another person has to agree, or has. `failed`: the policy could not be asked. */
  effect: 'refused' | 'approval' | 'warned' | 'observed' | 'failed';
  sentence: string;
}

/** A change on its way through the checks: guards read it and may refuse it. */
export interface Candidate {
  readonly index: number;
  readonly definition: AnyRecord;
  readonly change: RecordChange;
  /** The record before, undefined on create. */
  before: WireRecord | undefined;
  after: WireRecord;
  /** Attribute → new value, only what really differs. */
  changed: Record<string, unknown>;
  /** Attributes whose value holds from later than this change: it enters their history only. */
  superseded: ReadonlySet<string>;
  provenance: ProvenanceByGroup;
  verdicts: Map<string, OwnershipVerdict>;
  validFrom: string;
  /** Reasons for which somebody other than the requester must agree before a write request goes out; guards add theirs. */
  approvals?: string[];
  findings?: PolicyFinding[];
  error?: AppError;
  problems: FieldProblem[];
}
