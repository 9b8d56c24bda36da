import { Injectable } from '@nestjs/common';
import { notFound } from '@datum/platform';
import type { AnyRecord } from './record-definition.js';

/** Every governed record type of this process. Domain modules add theirs when they are made. */
@Injectable()
export class RecordCatalogue {
  private readonly byType = new Map<string, AnyRecord>();

  add(...definitions: AnyRecord[]): void {
    for (const definition of definitions) this.byType.set(definition.type, definition);
  }

  all(): AnyRecord[] {
    return [...this.byType.values()];
  }

  /** @throws AppError notFound when no such type is known. */
  get(type: string): AnyRecord {
    const definition = this.byType.get(type);
    if (!definition) throw notFound('record-type.not-found', `There is no record type "${type}".`);
    return definition;
  }

  find(type: string): AnyRecord | undefined {
    return this.byType.get(type);
  }

  byCollection(collection: string): AnyRecord | undefined {
    return this.all().find((definition) => definition.collection === collection);
  }

  /** Every (domain, group) that needs an owner. */
  groups(): { domain: string; group: string; atSites: boolean }[] {
    const seen = new Map<string, { domain: string; group: string; atSites: boolean }>();
    for (const { domain, groups, site, siteGroups, attributes } of this.all()) {
      const ofSites = new Set(Object.values(siteGroups ?? {}));
      for (const group of Object.keys(groups)) {
        const atSites = site !== undefined && (attributes[site]!.required === true || ofSites.has(group));
        seen.set(`${domain}/${group}/${atSites}`, { domain, group, atSites });
      }
    }
    return [...seen.values()];
  }
}
