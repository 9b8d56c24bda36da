import { Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { ClientSecrets, uuidv7, type RequestContext, type TxContext } from '@datum/platform';
import { findCredential, insertCredential, revokeCredential, rotateSecret } from './credential.repository.js';
import { findParticipant, listParticipants, saveParticipant } from './participant.repository.js';
import type { Contact, CredentialInput, CredentialRecord, IssuedCredential, ParticipantRecord } from './records.js';
import { credentialProblems } from './registry.checks.js';
import { alreadyExists, credentialNotFound, participantNotFound, registryInvalid, stepRefused } from './registry.errors.js';
import { checkPrecondition, RegistryWriter, type Precondition } from './registry.writer.js';
import { listSites } from './site.repository.js';
import { findSystem } from './system.repository.js';
import { liveParticipantStates, participantSteps, type ParticipantState } from './vocabulary.js';

export interface ParticipantInput {
  name: string;
  /** The system it speaks for. */
  systemCode: string;
  contact?: Contact | null;
  /** Default `sandbox`. */
  state?: ParticipantState;
  /** Default: a sandbox credential that may read items. */
  credential?: Partial<CredentialInput>;
}

export interface AddedParticipant {
  participant: ParticipantRecord;
  credential: CredentialRecord;
  clientId: string;
  /** Shown once; empty when the credential has a public key instead. */
  clientSecret: string;
}

/** Default time for which a secret goes on working after it was replaced: a day, so that a deployment can be changed over in peace. */
export const rotationOverlapSeconds = 86_400;

/** Participants and their credentials. Secrets leave this class once, in the answer to the call that made them. */
@Injectable()
export class ParticipantService {
  constructor(private readonly writer: RegistryWriter, private readonly secrets: ClientSecrets) {}

  /** @throws AppError conflict `registry.exists` when the name is taken; invalid for an unknown system, site or scope */
  addParticipant(context: RequestContext, input: ParticipantInput): Promise<AddedParticipant> {
    const { name, systemCode, contact = null, state = 'sandbox', credential: wanted } = input;
    return this.writer.write(context, async (tx) => {
      if (!(await findSystem(tx.tx, systemCode))) {
        throw registryInvalid([{ pointer: '#/systemCode', code: 'system.unknown', detail: `There is no system ${systemCode}.` }]);
      }
      const [namesake] = await listParticipants(tx.tx, { names: [name], limit: 1 });
      if (namesake) throw alreadyExists(`A participant named ${name}`);
      const participant = await saveParticipant(tx.tx, { id: uuidv7(), name, systemCode, contact, state, version: 1 });
      await this.writer.record(tx, { recordType: 'participant', event: 'created', after: participantImage(participant) });
      const issued = await this.issue(tx, participant, { kind: 'sandbox', scopes: ['item.read'], ...wanted });
      return { participant, credential: issued.credential, clientId: issued.credential.clientId, clientSecret: issued.clientSecret ?? '' };
    });
  }

  /** @throws AppError conflict `participant.step-refused`, notFound, 412, 428 */
  moveParticipant(context: RequestContext, id: string, to: ParticipantState, precondition?: Precondition): Promise<ParticipantRecord> {
    return this.writer.write(context, async (tx) => {
      const before = await findParticipant(tx.tx, id, 'FOR UPDATE');
      if (!before) throw participantNotFound();
      checkPrecondition(precondition, before.version);
      if (before.state === to) return before;
      if (!participantSteps[before.state].includes(to)) throw stepRefused(before.state, to);
      const participant = await saveParticipant(tx.tx, { ...before, state: to, version: before.version + 1 });
      await this.writer.record(tx, {
        recordType: 'participant', event: 'updated', before: participantImage(before), after: participantImage(participant),
      });
      return participant;
    });
  }

  /** @throws AppError notFound, invalid, conflict when a live credential is asked for too early */
  addCredential(context: RequestContext, participantId: string, input: CredentialInput): Promise<IssuedCredential> {
    return this.writer.write(context, async (tx) => {
      const participant = await findParticipant(tx.tx, participantId, 'FOR SHARE');
      if (!participant) throw participantNotFound();
      return this.issue(tx, participant, input);
    });
  }

  /** A new secret; the present one goes on working for `overlapSeconds`, and the one before that stops. @throws AppError notFound, invalid */
  rotateCredential(
    context: RequestContext, participantId: string, clientId: string, overlapSeconds = rotationOverlapSeconds,
  ): Promise<IssuedCredential> {
    return this.writer.write(context, async (tx) => {
      const before = await this.lockedCredential(tx, participantId, clientId);
      if (before.publicJwk) throw registryInvalid([{ pointer: '#/path/clientId', code: 'credential.no-secret', detail: 'This credential uses a key of its own and has no secret.' }]);
      const { secret, hash } = this.secrets.create();
      const credential = await rotateSecret(tx.tx, before.id, hash, overlapSeconds);
      await this.recordCredential(tx, 'rotated', credential, before);
      return { credential, clientSecret: secret };
    });
  }

  /** Takes effect in this process when it resolves, in others within seconds: tokens that were issued with it are refused as well. */
  revokeCredential(context: RequestContext, participantId: string, clientId: string): Promise<CredentialRecord> {
    return this.writer.write(context, async (tx) => {
      const before = await this.lockedCredential(tx, participantId, clientId);
      const credential = await revokeCredential(tx.tx, before.id);
      await this.recordCredential(tx, 'revoked', credential, before);
      return credential;
    });
  }

  private async issue(tx: TxContext, participant: ParticipantRecord, input: CredentialInput): Promise<IssuedCredential> {
    const sites = input.sites?.length ? await listSites(tx.tx, { codes: input.sites, limit: input.sites.length }) : [];
    const known = new Set(sites.map(({ code }) => code));
    const problems = credentialProblems(input, (code) => known.has(code));
    if (problems.length > 0) throw registryInvalid(problems);
    if (input.kind === 'live' && !liveParticipantStates.includes(participant.state)) {
      throw registryInvalid([{ pointer: '#/kind', code: 'credential.too-early', detail: 'Live credentials come after approval.' }]);
    }
    const made = input.publicJwk ? undefined : this.secrets.create();
    const credential = await insertCredential(tx.tx, {
      ...input,
      id: uuidv7(),
      clientId: input.clientId ?? `c-${randomBytes(8).toString('hex')}`,
      participantId: participant.id,
      secretHash: made?.hash ?? null,
    });
    await this.recordCredential(tx, 'issued', credential);
    return { credential, clientSecret: made?.secret ?? null };
  }

  private async lockedCredential(tx: TxContext, participantId: string, clientId: string): Promise<CredentialRecord> {
    const credential = await findCredential(tx.tx, participantId, clientId, 'FOR UPDATE');
    if (!credential || credential.revokedAt !== null) throw credentialNotFound();
    return credential;
  }

  private recordCredential(tx: TxContext, event: string, after: CredentialRecord, before?: CredentialRecord): Promise<void> {
    return this.writer.record(tx, {
      recordType: 'credential', event, before: before && credentialImage(before), after: credentialImage(after),
    });
  }
}

/** The participant as the ledger keeps it. */
export const participantImage = ({ id, version, name, systemCode, state, contact }: ParticipantRecord) =>
  ({ id, version, name, systemCode, state, contact });

/** The credential as the ledger keeps it: neither a secret nor its hash. */
export const credentialImage = (credential: CredentialRecord) => {
  const { createdAt: _createdAt, ...image } = credential;
  return image;
};
