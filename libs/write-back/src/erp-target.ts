import { Injectable } from '@nestjs/common';
import { Database, gatewayContext } from '@datum/platform';
import { RegistryDirectory } from '@datum/registry';
import { localKeysOf, RecordReader, type AnyRecord, type LocalKeyRow } from '@datum/governed';
import type { ErpForm } from './erp-values.js';

/** How a record is called in an ERP, and how its values look there. */
@Injectable()
export class ErpTargets {
  constructor(private readonly directory: RegistryDirectory, private readonly database: Database, private readonly records: RecordReader) {}

  /** Amounts without a currency are in the system's own: said in its capabilities, or that of its one site. */
  formOf(definition: AnyRecord, system: string): ErpForm {
    const record = this.directory.system(system);
    const said = (record?.capabilities.adapter as { currency?: unknown } | undefined)?.currency;
    const bySite = record?.siteCodes.length === 1 ? this.directory.site(record.siteCodes[0]!)?.currency : undefined;
    return { definition, currency: typeof said === 'string' ? said : bySite };
  }

  /**
   * The system's code for the record: its own local key; for a part of another record (the site part of an item) the local key of that record.
   * Undefined when the system has none.
   */
  async localKeyOf(definition: AnyRecord, recordId: string, system: string): Promise<string | undefined> {
    const [record] = await this.records.readMany(gatewayContext(), definition, [recordId]);
    if (!record) return undefined;
    const site = definition.site ? ((record[definition.site] as string | null) ?? null) : null;
    const owners = definition.localKeys ? [record.id] : definition.key.filter((name) => definition.attributes[name]!.refers).map((name) => record[name] as string);
    for (const owner of owners) {
      const keys = (await localKeysOf(this.database, [owner])).filter((key) => key.system === system);
      const found = bestKey(keys, site);
      if (found) return found.code;
    }
    return undefined;
  }
}

/** The key of the site goes before the one for all sites. */
const bestKey = (keys: LocalKeyRow[], site: string | null): LocalKeyRow | undefined =>
  keys.find((key) => key.site !== null && key.site === site) ?? keys.find((key) => key.site === null) ?? (site === null ? keys[0] : undefined);
