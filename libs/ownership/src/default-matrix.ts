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
  entry('vocabulary', 'term', 'role:governance', 'hold-for-human', 'governance-board', 'master-data'),
  entry('policy', 'rule', 'role:governance', 'hold-for-human', 'governance-board', 'administrator'),
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
  entry('bom', 'engineering', 'role:engineering', 'hold-for-human', 'engineering', 'master-data'),
  entry('bom', 'manufacturing', 'site:erp', 'owner-wins', 'plant', 'engineering'),
  entry('bom', 'frozen', 'GW', 'computed', 'planning', 'engineering'),
  entry('routing', 'standard', 'role:engineering', 'hold-for-human', 'engineering', 'finance'),
  entry('routing', 'operations', 'site:erp', 'hold-for-human', 'plant', 'engineering'),
  entry('routing', 'work-centre', 'site:erp', 'owner-wins', 'plant', 'finance'),
  entry('supplier', 'identity', 'CE', 'owner-wins', 'procurement', 'master-data'),
  entry('supplier', 'terms', 'CE', 'owner-wins', 'procurement', 'finance'),
  entry('supplier', 'bank', 'CE', 'hold-for-human', 'finance', 'procurement'),
  entry('supplier', 'bank-request', 'CE', 'owner-wins', 'procurement', 'finance'),
  entry('supplier', 'bank-decision', 'role:finance', 'hold-for-human', 'finance', 'procurement'),
  entry('supplier', 'score', 'GW', 'computed', 'procurement', 'logistics'),
  entry('supplier', 'source-list', 'CE', 'owner-wins', 'procurement', 'planning'),
  entry('supplier', 'site-source-list', 'site:erp', 'owner-wins', 'procurement', 'plant'),
  entry('supplier', 'match-evidence', 'GW', 'computed', 'master-data', 'procurement'),
  entry('supplier', 'match', 'role:supplier', 'hold-for-human', 'master-data', 'procurement'),
  entry('customer', 'account', 'CE', 'owner-wins', 'sales', 'master-data'),
  entry('customer', 'credit', 'CE', 'owner-wins', 'finance', 'sales'),
  entry('customer', 'terms', 'CE', 'owner-wins', 'sales', 'finance'),
  entry('inventory', 'location', 'site:stock', 'owner-wins', 'logistics', 'plant'),
  entry('inventory', 'location-cost', 'site:erp', 'owner-wins', 'finance', 'plant'),
  entry('inventory', 'stock-policy', 'site:erp', 'owner-wins', 'planning', 'logistics'),
  entry('inventory', 'lot', 'record:system', 'owner-wins', 'quality', 'logistics'),
  entry('inventory', 'lot-state', 'site:quality', 'owner-wins', 'quality', 'plant'),
  entry('inventory', 'bin-quantity', 'site:stock', 'newest-event', 'logistics', 'plant'),
  entry('inventory', 'line-side-quantity', 'site:mes', 'newest-event', 'plant', 'logistics'),
  entry('inventory', 'state-decision', 'site:quality', 'owner-wins', 'quality', 'plant'),
  entry('inventory', 'in-transit', 'GW', 'computed', 'logistics', 'planning'),
  entry('inventory', 'valuation', 'CE', 'owner-wins', 'finance', 'logistics'),
  entry('order', 'production-header', 'site:erp', 'owner-wins', 'planning', 'plant'),
  entry('order', 'production-execution', 'site:mes', 'newest-event', 'plant', 'planning'),
  entry('order', 'production-quality', 'site:quality', 'owner-wins', 'quality', 'plant'),
  entry('order', 'production-posting', 'site:erp', 'owner-wins', 'finance', 'plant'),
  entry('order', 'production-state', 'GW', 'computed', 'planning', 'plant'),
  entry('order', 'purchase', 'site:erp', 'owner-wins', 'procurement', 'plant'),
  entry('order', 'purchase-receipt', 'site:stock', 'newest-event', 'logistics', 'procurement'),
  entry('order', 'sales', 'site:erp', 'owner-wins', 'sales', 'plant'),
  entry('order', 'sales-shipping', 'site:stock', 'newest-event', 'logistics', 'sales'),
  entry('order', 'transfer', 'site:erp', 'owner-wins', 'logistics', 'planning'),
  entry('order', 'transfer-progress', 'GW', 'computed', 'logistics', 'planning'),
];
