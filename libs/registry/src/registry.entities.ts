import { CredentialEntity } from './credential.entity.js';
import { ParticipantEntity } from './participant.entity.js';
import { SiteEntity } from './site.entity.js';
import { SystemEntity } from './system.entity.js';

/** For the data source. */
export const registryEntities = [SiteEntity, SystemEntity, ParticipantEntity, CredentialEntity];
