import type { SiteInput, SystemInput } from '@datum/registry';

/** The sites of Kestrel Drive Systems, the fictional manufacturer of the demo. */
export const demoSites: SiteInput[] = [
  { code: 'CORP', name: 'Kestrel Drive Systems', gln: '0614141002009', country: 'US', timeZone: 'America/New_York', currency: 'USD', kind: 'office', mode: 'live' },
  { code: 'A', name: 'Toledo', gln: '0614141002016', country: 'US', timeZone: 'America/New_York', currency: 'USD', kind: 'plant', mode: 'live' },
  { code: 'B', name: 'Monterrey', gln: '0614141002023', country: 'MX', timeZone: 'America/Monterrey', currency: 'USD', kind: 'plant', mode: 'live' },
  { code: 'C', name: 'Hamilton', gln: '0614141002030', country: 'CA', timeZone: 'America/Toronto', currency: 'USD', kind: 'plant', mode: 'live' },
  { code: 'D', name: 'Kassel', gln: '0614141002047', country: 'DE', timeZone: 'Europe/Berlin', currency: 'EUR', kind: 'plant', mode: 'live' },
  { code: 'E', name: 'Brno', gln: '0614141002054', country: 'CZ', timeZone: 'Europe/Prague', currency: 'EUR', kind: 'plant', mode: 'live' },
  { code: 'F', name: 'Coventry', gln: '0614141002061', country: 'GB', timeZone: 'Europe/London', currency: 'USD', kind: 'plant', mode: 'onboarding' },
];

const hours = (count: number) => ({ maxAgeSeconds: count * 3_600 });
const minutes = (count: number) => ({ maxAgeSeconds: count * 60 });

/** Its systems, by the codes under which they stand on the wire. `CE` gets its adapter when the simulator has started. */
export const demoSystems: SystemInput[] = [
  { code: 'CE', name: 'Corporate ERP', kind: 'corp-erp', siteCodes: ['CORP'], productVersion: '12', callBudget: { callsPerSecond: 200, parallel: 8 }, freshness: hours(1), state: 'active' },
  { code: 'LEG1', name: 'Legacy ERP Toledo', kind: 'legacy-erp', siteCodes: ['A'], productVersion: '6.0', callBudget: { callsPerSecond: 5, parallel: 2 }, freshness: hours(4), state: 'active' },
  { code: 'LEG2', name: 'Legacy ERP Monterrey', kind: 'legacy-erp', siteCodes: ['B'], productVersion: '5.4', freshness: hours(6), state: 'active' },
  { code: 'CLD-NA', name: 'Cloud ERP North America', kind: 'cloud-erp', siteCodes: ['C'], productVersion: 'v1', callBudget: { callsPerSecond: 1, parallel: 4 }, freshness: hours(1), state: 'active' },
  { code: 'CLD-EU', name: 'Cloud ERP Europe', kind: 'cloud-erp', siteCodes: ['D', 'E'], productVersion: 'v2', callBudget: { callsPerSecond: 1, parallel: 4 }, freshness: hours(1), state: 'active' },
  { code: 'MES-A', kind: 'mes', siteCodes: ['A'], freshness: minutes(15), state: 'active' },
  { code: 'WMS-A', kind: 'wms', siteCodes: ['A'], freshness: minutes(15), state: 'active' },
  { code: 'EDGE-A', name: 'Edge buffer Toledo', kind: 'edge-buffer', siteCodes: ['A'], freshness: minutes(1), state: 'active' },
  { code: 'MES-B', kind: 'mes', siteCodes: ['B'], freshness: hours(6), state: 'active' },
  { code: 'STK-B', name: 'Stock file Monterrey', kind: 'stock-file', siteCodes: ['B'], freshness: hours(6), state: 'active' },
  { code: 'MES-C', kind: 'mes', siteCodes: ['C'], freshness: minutes(15), state: 'active' },
  { code: 'WMS-C', kind: 'wms', siteCodes: ['C'], freshness: minutes(15), state: 'active' },
  { code: 'MES-D', kind: 'mes', siteCodes: ['D'], freshness: minutes(15), state: 'active' },
  { code: 'WMS-D', kind: 'wms', siteCodes: ['D'], freshness: minutes(15), state: 'active' },
  { code: 'MES-E', kind: 'mes', siteCodes: ['E'], freshness: hours(1), state: 'active' },
  { code: 'PRODSTACK', name: 'ProdStack Coventry', kind: 'mes', siteCodes: ['F'], freshness: hours(24), state: 'active' },
  { code: 'WHSTACK', name: 'WhStack Coventry', kind: 'wms', siteCodes: ['F'], freshness: hours(24), state: 'active' },
  { code: 'PLN', name: 'Demand planning', kind: 'planning', siteCodes: [], state: 'active' },
  { code: 'TMS', name: 'Transportation management', kind: 'tms', siteCodes: [], state: 'active' },
  { code: 'ANL', name: 'Cloud analytics', kind: 'analytics', siteCodes: [], state: 'active' },
  { code: 'QMS', name: 'Quality management', kind: 'quality', siteCodes: ['A', 'B', 'C', 'D', 'E', 'F'], state: 'active' },
  { code: 'EAM', name: 'Maintenance', kind: 'maintenance', siteCodes: ['A', 'B', 'C', 'D', 'E', 'F'], state: 'active' },
  { code: 'GW', name: 'The gateway itself', kind: 'gateway', siteCodes: [], state: 'active' },
];

export interface DemoParticipant {
  /** Key in credentials.json. */
  name: string;
  systemCode: string;
  /** Null: every site. */
  sites: string[] | null;
  /** What it may do in every domain, and beyond. */
  domains: 'read' | 'read-write';
  extraScopes: string[];
}

const asks = ['write-back.read', 'write-back.write'];

/** Who can log in to the demo. */
export const demoParticipants: DemoParticipant[] = [
  { name: 'corp-erp', systemCode: 'CE', sites: null, domains: 'read-write', extraScopes: asks },
  { name: 'erp-a', systemCode: 'LEG1', sites: ['A'], domains: 'read-write', extraScopes: asks },
  { name: 'erp-b', systemCode: 'LEG2', sites: ['B'], domains: 'read-write', extraScopes: asks },
  { name: 'erp-c', systemCode: 'CLD-NA', sites: ['C'], domains: 'read-write', extraScopes: asks },
  { name: 'erp-d', systemCode: 'CLD-EU', sites: ['D'], domains: 'read-write', extraScopes: asks },
  { name: 'erp-e', systemCode: 'CLD-EU', sites: ['E'], domains: 'read-write', extraScopes: asks },
  { name: 'mes-a', systemCode: 'MES-A', sites: ['A'], domains: 'read-write', extraScopes: asks },
  { name: 'wms-a', systemCode: 'WMS-A', sites: ['A'], domains: 'read-write', extraScopes: asks },
  { name: 'planning', systemCode: 'PLN', sites: null, domains: 'read-write', extraScopes: asks },
  { name: 'steward', systemCode: 'GW', sites: null, domains: 'read-write', extraScopes: [...asks, 'write-back.approve', 'engineering.decide', 'supplier.decide', 'operation.admin'] },
  { name: 'finance', systemCode: 'GW', sites: null, domains: 'read-write', extraScopes: [...asks, 'write-back.approve', 'finance.decide'] },
  { name: 'admin', systemCode: 'GW', sites: null, domains: 'read-write', extraScopes: [...asks, 'registry.read', 'registry.admin', 'governance.decide', 'audit.read', 'audit.admin', 'metrics.read', 'operation.admin', 'demo.admin'] },
];
