import { Injectable } from '@nestjs/common';
import {
  CredentialDirectory, Database, machineNowMs, type ClientRecord, type ClientStore, type CredentialFacts,
} from '@datum/platform';
import { usableCredentials, type UsableCredential } from './credential.repository.js';
import type { SiteRecord, SystemRecord } from './records.js';
import { readRevision } from './revision.repository.js';
import { allSites } from './site.repository.js';
import { allSystems, readLastSeen } from './system.repository.js';
import type { SystemKind } from './vocabulary.js';

interface CompiledCredential {
  facts: CredentialFacts;
  client: Omit<ClientRecord, 'secretHashes'>;
  secretHash: string | null;
  previousSecretHash: string | null;
  previousUntilMs: number;
}

interface Compiled {
  revision: string;
  sites: ReadonlyMap<string, SiteRecord>;
  systems: ReadonlyMap<string, SystemRecord>;
  /** `A mes` → codes; `* corp-erp` → codes of the kind anywhere. */
  bySiteAndKind: ReadonlyMap<string, readonly string[]>;
  credentials: ReadonlyMap<string, CompiledCredential>;
  /** What decides about callers, as text: when it differs, verified tokens must be forgotten. */
  credentialsText: string;
}

const empty: Compiled = {
  revision: '', sites: new Map(), systems: new Map(), bySiteAndKind: new Map(), credentials: new Map(), credentialsText: '[]',
};
const stranger: CompiledCredential = {
  facts: { participantId: '', systemCode: '', scopes: new Set(), sites: null, expiresAtMs: null },
  client: { clientId: '', participantId: '', systemCode: '', scopes: [], sites: null, publicJwk: null },
  secretHash: '',
  previousSecretHash: null,
  previousUntilMs: 0,
};

/** How old a system's word may be, against when it was last heard. */
export interface FreshnessContract {
  maxAgeSeconds: number;
  /** Business time, RFC 3339 UTC; null when it was never heard. */
  lastSeenAt: string | null;
}

const unknownClientSpacingMs = 1_000;
const none: readonly string[] = [];

/**
 * The registry in memory, for questions that are asked on every call: who is behind a client id, which systems of a kind serve a site. `refresh`
 * is called after every change of this process, and the module polls the registry's revision for the changes of others: a revocation
 * anywhere holds everywhere within seconds, even where nobody listens to the ledger.
 */
@Injectable()
export class RegistryDirectory extends CredentialDirectory implements ClientStore {
  private compiled = empty;
  private readonly listeners: (() => void)[] = [];
  private readonly lastSeen = new Map<string, string>();
  private askedAtMs = -Infinity;

  constructor(private readonly database: Database) {
    super();
  }

  site(code: string): SiteRecord | undefined {
    return this.compiled.sites.get(code);
  }

  sites(): SiteRecord[] {
    return [...this.compiled.sites.values()];
  }

  system(code: string): SystemRecord | undefined {
    return this.compiled.systems.get(code);
  }

  systems(): SystemRecord[] {
    return [...this.compiled.systems.values()];
  }

  /** Codes of the systems of this kind that serve the site, retired ones left out; `*` for the kind anywhere. In order of code. */
  systemsOf(site: string, kind: SystemKind | (string & {})): readonly string[] {
    return this.compiled.bySiteAndKind.get(`${site} ${kind}`) ?? none;
  }

  /**
   * What a system promised about the age of what it tells us, and when it was last heard; undefined when it promised nothing. Signs of life come in
   * through `noteSeen` at once in this process, and with the next poll from others.
   */
  freshnessOf(code: string): FreshnessContract | undefined {
    const system = this.compiled.systems.get(code);
    if (!system?.freshness) return undefined;
    return { maxAgeSeconds: system.freshness.maxAgeSeconds, lastSeenAt: this.lastSeen.get(code) ?? null };
  }

  /** @param at business time; an older sign of life than the known one is left aside */
  noteSeen(code: string, at: string): void {
    const known = this.lastSeen.get(code);
    if (known === undefined || Date.parse(known) < Date.parse(at)) this.lastSeen.set(code, at);
  }

  override async credentialFacts(clientId: string): Promise<CredentialFacts | undefined> {
    if (!this.compiled.credentials.has(clientId) && machineNowMs() - this.askedAtMs >= unknownClientSpacingMs) {
      // Perhaps another process has just made it.
      this.askedAtMs = machineNowMs();
      await this.refreshIfChanged();
    }
    return this.working(clientId)?.facts;
  }

  /** For an unknown client the same is done, on a stranger's record: it takes as long (SEC20). */
  usableClient(clientId: string): ClientRecord | undefined {
    const found = this.working(clientId);
    const { client, secretHash, previousSecretHash, previousUntilMs } = found ?? stranger;
    const previous = previousUntilMs > machineNowMs() ? previousSecretHash : null;
    const record = { ...client, secretHashes: [secretHash, previous].filter((hash) => hash !== null) };
    return found && record;
  }

  private working(clientId: string): CompiledCredential | undefined {
    const credential = this.compiled.credentials.get(clientId);
    const until = credential?.facts.expiresAtMs ?? Infinity;
    return credential && until > machineNowMs() ? credential : undefined;
  }

  override onCredentialsChanged(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** What a poll does: signs of life, which no revision stands for, and everything else when the revision says so. */
  async poll(): Promise<void> {
    for (const { code, lastSeenAt } of await readLastSeen(this.database)) this.noteSeen(code, lastSeenAt);
    await this.refreshIfChanged();
  }

  /** True when another process had changed something. */
  async refreshIfChanged(): Promise<boolean> {
    if ((await readRevision(this.database)) === this.compiled.revision) return false;
    await this.refresh();
    return true;
  }

  /** Reads everything anew. The revision is read first: a change that comes meanwhile is seen by the next comparison. */
  async refresh(): Promise<void> {
    const revision = await readRevision(this.database);
    const [sites, systems, credentials] = await Promise.all([
      allSites(this.database), allSystems(this.database), usableCredentials(this.database),
    ]);
    // Of two refreshes that run at once, the later state stays.
    if (BigInt(revision) < BigInt(this.compiled.revision || '-1')) return;
    const before = this.compiled.credentialsText;
    this.compiled = compile(revision, sites, systems, credentials);
    for (const { code, lastSeenAt } of systems) if (lastSeenAt !== null) this.noteSeen(code, lastSeenAt);
    if (before !== this.compiled.credentialsText) for (const listener of this.listeners) listener();
  }
}

function compile(
  revision: string, sites: readonly SiteRecord[], systems: readonly SystemRecord[], credentials: readonly UsableCredential[],
): Compiled {
  const bySiteAndKind = new Map<string, string[]>();
  for (const system of systems.filter(({ state }) => state !== 'retired')) {
    for (const site of ['*', ...system.siteCodes]) {
      const key = `${site} ${system.kind}`;
      bySiteAndKind.set(key, [...(bySiteAndKind.get(key) ?? []), system.code]);
    }
  }
  const sorted = [...credentials].sort((a, b) => (a.clientId < b.clientId ? -1 : 1));
  return {
    revision,
    sites: new Map(sites.map((site) => [site.code, site])),
    systems: new Map(systems.map((system) => [system.code, system])),
    bySiteAndKind,
    credentials: new Map(sorted.map((credential) => [credential.clientId, toCompiled(credential)])),
    credentialsText: JSON.stringify(sorted),
  };
}

function toCompiled(credential: UsableCredential): CompiledCredential {
  const { clientId, participantId, systemCode, scopes, sites, expiresAt, publicJwk } = credential;
  return {
    facts: { participantId, systemCode, scopes: new Set(scopes), sites, expiresAtMs: expiresAt === null ? null : Date.parse(expiresAt) },
    client: { clientId, participantId, systemCode, scopes, sites, publicJwk },
    secretHash: credential.secretHash,
    previousSecretHash: credential.previousSecretHash,
    previousUntilMs: credential.previousSecretUntil === null ? 0 : Date.parse(credential.previousSecretUntil),
  };
}
