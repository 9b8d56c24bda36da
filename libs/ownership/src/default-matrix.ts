import type { ConflictPolicy } from './ownership-rule.js';

export interface MatrixEntry {
  domain: string;
  group: string;
  owner: string;
  conflictPolicy: ConflictPolicy;
  /** Accountable steward's role, and the deputy's: addresses are made of them by the installation. */
  steward: string;
  deputy: string;
}

const entry = (domain: string, group: string, owner: string, conflictPolicy: ConflictPolicy, steward: string, deputy: string): MatrixEntry =>
  ({ domain, group, owner, conflictPolicy, steward, deputy });

/**
 * The ownership that a new installation starts with. It is data: every line becomes a rule that is versioned and changed like any other record.
 */
export const defaultMatrix: readonly MatrixEntry[] = [
  entry('cross-reference', 'key', 'record:system', 'owner-wins', 'master-data', 'integration'),
  entry('item', 'identity', 'CE', 'owner-wins', 'master-data', 'engineering'),
  entry('item', 'engineering', 'role:engineering', 'hold-for-human', 'engineering', 'master-data'),
  entry('item', 'finance', 'CE', 'owner-wins', 'finance', 'master-data'),
  entry('item', 'quality', 'site:quality', 'owner-wins', 'quality', 'engineering'),
  entry('item', 'sales', 'CE', 'owner-wins', 'sales', 'master-data'),
  entry('item', 'alternates', 'role:engineering', 'hold-for-human', 'engineering', 'planning'),
  entry('item', 'site-planning', 'site:erp', 'owner-wins', 'planning', 'plant'),
  entry('item', 'site-procurement', 'site:erp', 'owner-wins', 'procurement', 'plant'),
  entry('item', 'site-logistics', 'site:stock', 'newest-event', 'logistics', 'plant'),
  entry('item', 'site-cost', 'site:erp', 'owner-wins', 'finance', 'plant'),
];
