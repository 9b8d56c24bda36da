import { Injectable } from '@nestjs/common';
import { Clock, Database, forbidden, invalid, isUuid, malformed, maySeeSite, notFound, parseDate, parseDecimal, type Queryable, type RequestContext } from '@datum/platform';
import { RegistryDirectory } from '@datum/registry';
import { Exact } from '@datum/semantics';
import { bomUsages, type BomUsage } from './bom.record.js';
import { buildStructure, type StoredBom, type StoredItem, type Structure, type StructureQuestion } from './structure.js';
import { selectBomOfRevision, selectBoms, selectItems } from './structure.repository.js';

/** What a caller may say about a structure, as it comes over the wire. Everything but the item is optional. */
export interface StructureAsk {
  itemId: string;
  date?: string;
  site?: string;
  usage?: string;
  revision?: string;
  serial?: string;
  lot?: string;
  alternates?: string;
}

/** Where a usage has no BOM of its own, the next one stands in. */
const usagesFor: Record<BomUsage, readonly BomUsage[]> = {
  engineering: ['engineering'],
  manufacturing: ['manufacturing', 'engineering'],
  costing: ['costing', 'manufacturing', 'engineering'],
  service: ['service', 'manufacturing', 'engineering'],
};

/** Deeper than any product; what goes on below is data gone wrong. */
const levelsMax = 60;

interface Level { found: StoredBom[]; components: string[]; items: Map<string, StoredItem>; stoppedAt: Map<string, StoredBom> }

/** Puts together the structure of an item, with a few statements per level and none per row. */
@Injectable()
export class StructureReader {
  constructor(private readonly database: Database, private readonly clock: Clock, private readonly directory: RegistryDirectory) {}

  /**
   * Checks what was asked and fills in today (the business day, UTC) and the manufacturing usage.
   * @throws AppError malformed `query.invalid`; forbidden `site.forbidden` when the credential is not for the site.
   */
  questionOf(context: RequestContext, ask: StructureAsk, depth: StructureQuestion['depth'] = 'all'): StructureQuestion {
    const { itemId, site = null, usage = 'manufacturing', revision, serial, lot, alternates = 'priority' } = ask;
    if (!isUuid(itemId)) throw notFound('item.not-found', 'There is no such item.');
    const date = ask.date === undefined ? this.today() : parseDate(ask.date);
    if (date === undefined) throw badParameter('date', 'date.invalid', 'Expected a day such as 2026-03-04.');
    if (!isUsage(usage)) throw badParameter('usage', 'enum.unknown', `Expected one of ${bomUsages.join(', ')}.`);
    if (alternates !== 'priority' && alternates !== 'usage') throw badParameter('alternates', 'enum.unknown', 'Expected priority or usage.');
    if (site !== null && !maySeeSite(context.actor, site)) throw forbidden('site.forbidden', `This credential is not for site ${site}.`, { site });
    if (site !== null && !this.directory.site(site)) throw badParameter('site', 'site.unknown', `There is no site ${site}.`);
    return {
      itemId, date, site, usages: usagesFor[usage], alternates, depth,
      ...(revision === undefined ? {} : { revision }), ...(serial === undefined ? {} : { serial }), ...(lot === undefined ? {} : { lot }),
    };
  }

  /** @throws AppError notFound for the item or the revision; conflict or invalid when the structure cannot be computed with. */
  async load(question: StructureQuestion, queryable: Queryable = this.database): Promise<Structure> {
    const items = new Map<string, StoredItem>();
    const boms = new Map<string, StoredBom>();
    const stoppedAt = new Map<string, StoredBom>();
    for (const item of await selectItems(queryable, [question.itemId])) items.set(item.id, item);
    if (items.size === 0) throw notFound('item.not-found', 'There is no such item.');
    let found = await this.rootBom(queryable, question);
    for (let depth = 0; found.length > 0; depth += 1) {
      if (depth > levelsMax) throw invalid(`The structure has more than ${levelsMax} levels.`, [], 'bom.too-deep');
      for (const bom of found) boms.set(bom.itemId, bom);
      const components = distinct(found.flatMap(({ lines }) => lines.map(({ componentId }) => componentId))).filter((id) => !items.has(id));
      found = await this.below(queryable, question, { found, components, items, stoppedAt });
    }
    return buildStructure(question, items, boms, stoppedAt);
  }

  /** Reads the items of a level, and at the same time the BOMs below it. */
  private async below(queryable: Queryable, question: StructureQuestion, { found, components, items, stoppedAt }: Level): Promise<StoredBom[]> {
    const [read, boms] = await Promise.all([selectItems(queryable, components), selectBoms(queryable, question, components)]);
    for (const item of read) items.set(item.id, item);
    if (question.depth === 'all') return boms;
    for (const bom of boms) stoppedAt.set(bom.itemId, bom);
    const further = passedThrough(found, items).flatMap((id) => stoppedAt.get(id) ?? []);
    for (const { itemId } of further) stoppedAt.delete(itemId);
    return further;
  }

  private async rootBom(queryable: Queryable, question: StructureQuestion): Promise<StoredBom[]> {
    if (question.revision === undefined) return selectBoms(queryable, question, [question.itemId]);
    const bom = await selectBomOfRevision(queryable, question, question.revision);
    if (!bom) throw notFound('bom.not-found', `The item has no BOM of revision ${question.revision}.`);
    return [bom];
  }

  /** The business day, UTC. */
  today(): string {
    return this.clock.now().slice(0, 10);
  }
}

const isUsage = (text: string): text is BomUsage => (bomUsages as readonly string[]).includes(text);
const distinct = (ids: readonly string[]): string[] => [...new Set(ids)];

/** Of one level, the components that are phantoms: their own components belong to the same need. */
const passedThrough = (boms: readonly StoredBom[], items: ReadonlyMap<string, StoredItem>): string[] =>
  distinct(boms.flatMap(({ lines }) => lines.filter((line) => line.phantom || items.get(line.componentId)!.type === 'phantom').map(({ componentId }) => componentId)));

export const badParameter = (name: string, code: string, detail: string) => malformed('query.invalid', detail, [{ pointer: `#/query/${name}`, code, detail }]);

/** @throws AppError malformed unless it is a decimal of zero or more. */
export function quantityOf(text: string | undefined, name = 'quantity'): Exact {
  if (text === undefined) return Exact.one;
  const parsed = parseDecimal(text, { maxDigits: 24, maxScale: 10 });
  if (parsed === undefined || parsed.startsWith('-')) throw badParameter(name, 'decimal.invalid', 'Expected a decimal of zero or more, such as 100 or 12.5.');
  return Exact.of(parsed);
}
