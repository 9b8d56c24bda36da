import type { CurrentRecordProvider } from '@datum/platform';
import { credentialsAfter } from './credential.repository.js';
import { listParticipants } from './participant.repository.js';
import { credentialImage, participantImage } from './participant.service.js';
import { siteImage, systemImage } from './registry.service.js';
import { sitesAfter } from './site.repository.js';
import { systemsAfter } from './system.repository.js';

/** The registry as the audit export shows it: each record in the form of its last ledger row. What no version stands for is not in it: secrets, signs of life. */
export const registryAuditProviders: readonly CurrentRecordProvider[] = [
  {
    recordType: 'site',
    fetchCurrent: async (queryable, afterId, limit) => (await sitesAfter(queryable, afterId, limit)).map((site) => current(site, siteImage(site))),
  },
  {
    recordType: 'system',
    fetchCurrent: async (queryable, afterId, limit) => (await systemsAfter(queryable, afterId, limit)).map((system) => current(system, systemImage(system))),
  },
  {
    recordType: 'participant',
    fetchCurrent: async (queryable, afterId, limit) =>
      (await listParticipants(queryable, { ...(afterId === null ? {} : { afterId }), limit })).map((participant) => current(participant, participantImage(participant))),
  },
  {
    recordType: 'credential',
    fetchCurrent: async (queryable, afterId, limit) =>
      (await credentialsAfter(queryable, afterId, limit)).map((credential) => current(credential, credentialImage(credential))),
  },
];

const current = ({ id, version }: { id: string; version: number }, image: object) => ({ id, version, after: { ...image } });
