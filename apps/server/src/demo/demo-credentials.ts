import fs from 'node:fs/promises';
import path from 'node:path';
import type { RequestContext } from '@datum/platform';
import type { ParticipantService, RegistryReader } from '@datum/registry';
import { demoParticipants, type DemoParticipant } from './demo-registry.js';

export interface DemoCredential { clientId: string; clientSecret: string; scopes: string[]; systemCode: string; sites: string[] | null }
export type DemoCredentials = Record<string, DemoCredential>;

/**
 * Makes sure that every demo participant exists and can log in, and keeps the secrets in `<home>/credentials.json` (0600). A secret is shown once: when
 * the file was lost, the participant gets a new credential.
 */
export async function demoCredentials(
  services: { participants: ParticipantService; reader: RegistryReader }, context: RequestContext, settings: { home: string; domains: readonly string[] },
): Promise<DemoCredentials> {
  const file = path.join(settings.home, 'credentials.json');
  const credentials = await readCredentials(file);
  const names = demoParticipants.map(({ name }) => name).join(',');
  const { data } = await services.reader.participants(context, `filter[name][in]=${names}&limit=500`);
  const known = new Map(data.map(({ name, id }) => [name, id]));
  for (const participant of demoParticipants) {
    if (credentials[participant.name]) continue;
    credentials[participant.name] = await issue(services.participants, context, participant, known.get(participant.name), settings.domains);
    await writePrivately(file, JSON.stringify(credentials, null, 2));
  }
  return credentials;
}

async function issue(
  participants: ParticipantService, context: RequestContext, participant: DemoParticipant, knownId: string | undefined, domains: readonly string[],
): Promise<DemoCredential> {
  const { name, systemCode, sites } = participant;
  const scopes = scopesOf(participant, domains);
  const credential = { kind: 'live' as const, scopes, ...(sites ? { sites } : {}) };
  const made = knownId === undefined
    ? await participants.addParticipant(context, { name, systemCode, state: 'live', credential })
    : await participants.addCredential(context, knownId, credential).then(({ credential: { clientId }, clientSecret }) => ({ clientId, clientSecret: clientSecret ?? '' }));
  return { clientId: made.clientId, clientSecret: made.clientSecret, scopes, systemCode, sites };
}

/** Which domains there are is the catalogue's to say; ownership decides what a write scope is worth. */
function scopesOf({ domains: access, extraScopes }: DemoParticipant, domains: readonly string[]): string[] {
  const own = domains.flatMap((domain) => (access === 'read' ? [`${domain}.read`] : [`${domain}.read`, `${domain}.write`]));
  return [...new Set([...own, ...extraScopes])].sort();
}

async function readCredentials(file: string): Promise<DemoCredentials> {
  try {
    return JSON.parse(await fs.readFile(file, 'utf8')) as DemoCredentials;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** Written beside and renamed, so that a crash leaves the old file or the new one, and never readable by others. */
async function writePrivately(file: string, text: string): Promise<void> {
  await fs.writeFile(`${file}.new`, `${text}\n`, { mode: 0o600 });
  await fs.rename(`${file}.new`, file);
}
