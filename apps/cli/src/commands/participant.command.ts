import type { Command } from 'commander';
import type { ApiClient } from '../api-client.js';
import { usage } from '../cli-error.js';
import type { Io } from '../io.js';
import { sessionOf, type Session } from './session.js';

interface AddOptions { system: string; scopes?: string; sites?: string; live?: boolean; saveAs?: string }
interface Added { participant: { id: string }; credential: { clientId: string }; clientSecret: string }

/** From the sandbox to where live credentials are given. */
const steps = ['conformance', 'approved', 'live'];

export function addParticipant(program: Command, io: Io): void {
  const participant = program.command('participant').description('who may call the gateway (needs registry.admin)');
  participant.command('add')
    .description('add a participant; its secret is shown once')
    .argument('<name>', 'name of the participant')
    .requiredOption('--system <code>', 'the system that it speaks for')
    .option('--scopes <list>', 'comma list of scopes; a sandbox credential only reads')
    .option('--sites <list>', 'comma list of the sites that it is limited to')
    .option('--live', 'take it through conformance and approval at once, and give it a live credential')
    .option('--save-as <profile>', 'log in with it under this profile instead of showing the secret')
    .action(async (name: string, options: AddOptions, command: Command) => add(sessionOf(io, command), name, options));
}

async function add(session: Session, name: string, options: AddOptions): Promise<void> {
  const client = await session.client();
  const scopes = list(options.scopes);
  const sites = list(options.sites);
  if (options.live && !scopes) throw usage('Say what the live credential may do: --scopes item.read,item.write');
  const body = { name, systemCode: options.system, ...(sites ? { sites } : {}), ...(scopes && !options.live ? { scopes } : {}) };
  const { body: added } = await client.post<Added>('/v1/participants', { body });
  const credential = options.live ? await goLive(client, added.participant.id, { kind: 'live', scopes, ...(sites ? { sites } : {}) }) : added;
  const { credential: { clientId }, clientSecret } = credential;
  if (options.saveAs) {
    await session.store.put(options.saveAs, { url: client.url, clientId, clientSecret });
    session.print({ participantId: added.participant.id, clientId, profile: options.saveAs }, `${name} was added; it is logged in as profile ${options.saveAs}.`);
    return;
  }
  session.print({ participantId: added.participant.id, clientId, clientSecret },
    `${name} was added.\nclient id:     ${clientId}\nclient secret: ${clientSecret}\nThe secret is shown this once.`);
}

async function goLive(client: ApiClient, id: string, credential: object): Promise<Omit<Added, 'participant'>> {
  for (const state of steps) {
    const { headers } = await client.get(`/v1/participants/${id}`);
    await client.send('PATCH', `/v1/participants/${id}`, { body: { state }, headers: { 'if-match': headers.get('etag') ?? '' } });
  }
  return (await client.post<Omit<Added, 'participant'>>(`/v1/participants/${id}/credentials`, { body: credential })).body;
}

const list = (text: string | undefined): string[] | undefined => text?.split(',').map((each) => each.trim()).filter((each) => each !== '');
