import type { MatrixEntry } from '@datum/ownership';

export const toolingMatrix: MatrixEntry[] = [
  { domain: 'tooling', group: 'identity', owner: 'site:erp', conflictPolicy: 'owner-wins', steward: 'plant', deputy: 'engineering' },
  { domain: 'tooling', group: 'wear', owner: 'site:mes', conflictPolicy: 'newest-event', steward: 'plant', deputy: 'quality' },
];
