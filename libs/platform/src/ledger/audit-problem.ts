/** What the verifier can find. */
export type AuditFinding =
  | 'row-altered' | 'row-missing' | 'row-added' | 'row-order'
  | 'block-altered' | 'block-missing' | 'block-untrusted' | 'anchor-unreadable'
  | 'version-gap' | 'version-order'
  | 'current-altered' | 'current-missing' | 'current-unknown'
  | 'line-unreadable' | 'export-incomplete';

/** One finding, with the record it concerns wherever it can be told. `detail` is a sentence. */
export interface AuditProblem {
  what: AuditFinding;
  detail: string;
  recordType?: string;
  recordId?: string;
  version?: number;
  ledgerId?: number;
  block?: number;
}

export type Complain = (problem: AuditProblem) => void;
