/** Kinds of site. */
export const siteKinds = ['plant', 'warehouse', 'contract-manufacturer', 'office'] as const;
export type SiteKind = (typeof siteKinds)[number];

/** How far a site takes part: only `live` and `frozen` sites count in enterprise figures. */
export const siteModes = ['onboarding', 'shadow', 'live', 'frozen', 'retired'] as const;
export type SiteMode = (typeof siteModes)[number];

/** Kinds of system, as ownership rules and adapters speak of them. */
export const systemKinds = [
  'corp-erp', 'legacy-erp', 'cloud-erp', 'mes', 'wms', 'tms', 'planning', 'quality', 'maintenance', 'analytics',
  'supplier-portal', 'payments', 'edge-buffer', 'stock-file', 'gateway',
] as const;
export type SystemKind = (typeof systemKinds)[number];

export const systemStates = ['registered', 'tested', 'active', 'degraded', 'disconnected', 'retired'] as const;
export type SystemState = (typeof systemStates)[number];

export const participantStates = [
  'applied', 'sandbox', 'conformance', 'approved', 'live', 'suspended', 'offboarded',
] as const;
export type ParticipantState = (typeof participantStates)[number];

/** From where a participant may go where. Suspension is left to where it came from; `offboarded` is the end. */
export const participantSteps: Readonly<Record<ParticipantState, readonly ParticipantState[]>> = {
  applied: ['sandbox', 'offboarded'],
  sandbox: ['conformance', 'suspended', 'offboarded'],
  conformance: ['sandbox', 'approved', 'suspended', 'offboarded'],
  approved: ['live', 'conformance', 'suspended', 'offboarded'],
  live: ['suspended', 'offboarded'],
  suspended: ['sandbox', 'live', 'offboarded'],
  offboarded: [],
};

/** States in which credentials work. */
export const workingParticipantStates: readonly ParticipantState[] = ['sandbox', 'conformance', 'approved', 'live'];

/** States in which a participant may hold live credentials. */
export const liveParticipantStates: readonly ParticipantState[] = ['approved', 'live'];

export const credentialKinds = ['sandbox', 'live'] as const;
export type CredentialKind = (typeof credentialKinds)[number];

export const codePattern = /^[A-Z][A-Z0-9-]{0,31}$/;
export const clientIdPattern = /^[a-z0-9][a-z0-9-]{1,63}$/;
/** `decide` is for roles that own a value themselves, such as `steward.decide`. */
export const scopePattern = /^[a-z][a-z-]{0,31}\.(?:read|write|approve|admin|decide)$/;
