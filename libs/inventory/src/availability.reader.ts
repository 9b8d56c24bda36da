import { Injectable } from '@nestjs/common';
import { Clock, Database, isUuid, loaderOf, malformed, maySeeSite, notFound, parseDate, type GraphqlContext, type RequestContext } from '@datum/platform';
import { RegistryDirectory } from '@datum/registry';
import { freshnessOf, RecordReader, worst, type Freshness } from '@datum/governed';
import { itemFactsOf, itemRecord, type ItemFacts } from '@datum/items';
import { availabilityLines, availabilityTotal, type AvailabilityLine, type AvailabilityTotal } from './availability.js';
import { readPolicies } from './balance.repository.js';
import { ExpectedSupplySources } from './expected-supply.port.js';
import { stockSources, sumStock } from './stock.repository.js';

export interface Availability {
  itemId: string; itemCode: string; unit: string; date: string; asOf: string; lines: AvailabilityLine[]; total: AvailabilityTotal;
}

/** How an item may be named: by id, code, GTIN, or a system's own code. */
export interface ItemName { id?: string; code?: string; gtin?: string; system?: string; site?: string }

/** Answers "what is there, where, and when": across sites in one query. */
@Injectable()
export class AvailabilityReader {
  constructor(
    private readonly database: Database,
    private readonly records: RecordReader,
    private readonly directory: RegistryDirectory,
    private readonly clock: Clock,
    private readonly supplies: ExpectedSupplySources,
  ) {}

  /** @param date ISO date to promise for; default today. @throws AppError notFound, malformed */
  async availability(context: RequestContext, itemId: string, date?: string): Promise<Availability> {
    const [found] = await this.availabilities(context, [itemId], date);
    if (!found) throw notFound('item.not-found', 'There is no such item.');
    return found;
  }

  /** For GraphQL lists of items: one load for all of a level. */
  async loaded(graphql: GraphqlContext, itemId: string, date?: string): Promise<Availability | null> {
    const loader = loaderOf<string, Availability | null>(graphql, `availability ${date ?? ''}`, async (ids) => {
      const found = new Map((await this.availabilities(graphql.requestContext, ids, date)).map((each) => [each.itemId, each]));
      return ids.map((id) => found.get(id) ?? null);
    });
    return loader.load(itemId);
  }

  async availabilities(context: RequestContext, itemIds: readonly string[], date?: string): Promise<Availability[]> {
    const ids = itemIds.filter(isUuid);
    const today = this.clock.now().slice(0, 10);
    const until = promiseDate(date, today);
    const items = await itemFactsOf(this.database, ids);
    const [stock, policies, freshness, expected] = await Promise.all([
      sumStock(this.database, ids, context.actor.sites), readPolicies(this.database, ids), this.freshness(ids), this.supplies.expected(context, ids, today),
    ]);
    const seen = (site: string): boolean => maySeeSite(context.actor, site);
    return [...items.values()].map((item) => {
      const mine = stock.filter(({ itemId }) => itemId === item.id);
      const lines = availabilityLines(mine, {
        date: until, today, freshness: freshness.get(item.id) ?? new Map(),
        expected: expected.filter((supply) => supply.itemId === item.id && seen(supply.site)),
        inspectionDays: new Map(policies.filter((policy) => policy.itemId === item.id && policy.inspectionDays !== null).map(({ site, inspectionDays }) => [site, inspectionDays!])),
      }).filter(({ site }) => seen(site));
      return { itemId: item.id, itemCode: item.code, unit: item.baseUnit, date: until, asOf: this.clock.now(), lines, total: availabilityTotal(mine.filter(({ site, counterSite }) => seen(site) || (counterSite !== null && seen(counterSite))), lines) };
    });
  }

  /** The item meant. @throws AppError notFound, or malformed when no name is given or it means several */
  async item(context: RequestContext, name: ItemName): Promise<ItemFacts> {
    const ids = await this.idsOf(context, name);
    if (ids.length > 1) throw malformed('item.ambiguous', `This means ${ids.length} items; add "site".`);
    const [item] = (await itemFactsOf(this.database, ids)).values();
    if (!item) throw notFound('item.not-found', 'There is no such item.');
    return item;
  }

  private async idsOf(context: RequestContext, { id, code, gtin, system, site }: ItemName): Promise<string[]> {
    if (id !== undefined) return isUuid(id) ? [id] : [];
    if (gtin !== undefined) return (await this.records.readWhere(context, itemRecord, 'gtin', [gtin])).map((item) => item.id);
    if (code === undefined) throw malformed('query.invalid', 'Name the item: item, code, gtin, or system and code.');
    if (system === undefined) return [await this.records.idByKey(context, itemRecord, { code })].filter((each) => each !== undefined);
    const query = { filters: [], sort: [], limit: 10, expand: [], include: [], extra: { system, code, ...(site ? { site } : {}) } };
    return (await this.records.list(context, itemRecord, query)).data.map((item) => String(item.id));
  }

  /** Per item and site, the worst of the systems whose word the stock is. */
  private async freshness(itemIds: readonly string[]): Promise<Map<string, Map<string, Freshness>>> {
    const found = new Map<string, Map<string, Freshness>>();
    for (const { itemId, site, system, at } of await stockSources(this.database, itemIds)) {
      const bySite = found.get(itemId) ?? new Map<string, Freshness>();
      found.set(itemId, bySite);
      const known = bySite.get(site);
      const part = freshnessOf(this.directory, system, at, this.clock.nowMs());
      bySite.set(site, worst(known ? [known, part] : [part])!);
    }
    return found;
  }
}

function promiseDate(date: string | undefined, today: string): string {
  const until = date === undefined ? today : parseDate(date);
  if (until === undefined || until < today) {
    throw malformed('query.invalid', 'A date like 2026-03-04 from today on is expected.', [{ pointer: '#/query/date', code: 'date.invalid', detail: `Today is ${today}.` }]);
  }
  return until;
}
