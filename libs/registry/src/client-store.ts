import { Injectable } from '@nestjs/common';
import { ClientStore, Database, type ClientRecord } from '@datum/platform';
import { findUsableClient } from './credential.repository.js';
import { clientIdPattern } from './vocabulary.js';

/** The token endpoint's look-up, in the database: a credential made at another gateway works at once. */
@Injectable()
export class RegistryClientStore extends ClientStore {
  constructor(private readonly database: Database) {
    super();
  }

  override usableClient(clientId: string): Promise<ClientRecord | undefined> {
    // An id that cannot exist is looked up all the same (under a name that cannot exist), so that its answer takes as long.
    return findUsableClient(this.database, clientIdPattern.test(clientId) ? clientId : '');
  }
}
