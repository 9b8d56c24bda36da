/** What works without a database and without Nest: for the command line and for auditors. */
export { canonicalJson } from './values/canonical-json.js';
export { verifyAudit, type AuditReport } from './ledger/audit-verifier.js';
export type { BlockTrust } from './ledger/audit-blocks.js';
export type { AuditFinding, AuditProblem } from './ledger/audit-problem.js';
