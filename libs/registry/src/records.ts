import type { CredentialKind, ParticipantState, SiteKind, SiteMode, SystemKind, SystemState } from './vocabulary.js';

/** What a caller says of a site. */
export interface SiteInput {
  code: string;
  name: string;
  /** GLN-13 with a valid check digit. */
  gln?: string | null;
  /** ISO 3166-1 alpha-2. */
  country: string;
  /** IANA time zone. */
  timeZone: string;
  /** ISO 4217. */
  currency: string;
  kind: SiteKind;
  mode: SiteMode;
}

export interface SiteRecord extends Required<SiteInput> {
  id: string;
  version: number;
  updatedAt: string;
}

/** How much a system can bear. */
export interface CallBudget {
  callsPerSecond: number;
  parallel: number;
}

/** What a caller says of a system. */
export interface SystemInput {
  code: string;
  name?: string;
  kind: SystemKind;
  vendor?: string | null;
  productVersion?: string | null;
  /** Sites that it serves; empty for an enterprise-wide system. */
  siteCodes?: string[];
  /** What its adapter can do, by capability. */
  capabilities?: Record<string, unknown>;
  /** Null: nobody calls it, or it sets no limit. */
  callBudget?: CallBudget | null;
  /** How old what it tells us may be before it counts as stale; null: no promise. */
  freshness?: { maxAgeSeconds: number } | null;
  state?: SystemState;
}

export interface SystemRecord extends Required<SystemInput> {
  id: string;
  version: number;
  /** Business time of its last sign of life. Not part of the version. */
  lastSeenAt: string | null;
  updatedAt: string;
}

export interface Contact {
  name: string;
  email: string;
}

export interface ParticipantRecord {
  id: string;
  name: string;
  systemCode: string;
  state: ParticipantState;
  contact: Contact | null;
  version: number;
  createdAt: string;
  updatedAt: string;
}

/** A credential without its secret, which nobody can read back. */
export interface CredentialRecord {
  id: string;
  clientId: string;
  participantId: string;
  kind: CredentialKind;
  scopes: string[];
  /** Null: every site. */
  sites: string[] | null;
  publicJwk: Record<string, unknown> | null;
  /** Machine time. */
  expiresAt: string | null;
  revokedAt: string | null;
  /** Until when the secret before the current one works as well. */
  previousSecretUntil: string | null;
  version: number;
  createdAt: string;
}

export interface CredentialInput {
  kind: CredentialKind;
  scopes: string[];
  /** Absent or null: every site. */
  sites?: string[] | null;
  expiresAt?: string | null;
  /** For private_key_jwt: a public P-256 JWK. The credential has no secret then. */
  publicJwk?: Record<string, unknown> | null;
  /** A chosen client id; otherwise one is drawn. */
  clientId?: string;
}

/** What is shown once. */
export interface IssuedCredential {
  credential: CredentialRecord;
  /** Null when the client proves itself with its own key. */
  clientSecret: string | null;
}
