import { Injectable } from '@nestjs/common';
import { Database, invalid, notFound, type RequestContext } from '@datum/platform';
import { conversionFactor, Exact } from '@datum/semantics';
import { itemHeads, type ItemHead } from './bom-structure.repository.js';
import { StructureReader, type StructureAsk } from './structure.reader.js';
import { selectWhereUsed, type WhereUsedRow } from './structure.repository.js';

/** Paths of one answer: a common screw of a large product range would otherwise answer for minutes. */
const pathsMax = 10_000;

export interface WhereUsedPath {
  /** 1: the item is a component of it. */
  level: number;
  itemId: string;
  code: string;
  type: string;
  /** From the item asked for up to this one. */
  path: string[];
  /** Of the item asked for in one of this, over the path; null where a quantity is fixed per order. */
  quantityPer: { value: string; unit: string } | null;
  bomId: string;
  revision: string;
  lineId: string;
  position: number;
  alternateGroup: string | null;
  alternatePriority: number | null;
  /** False for alternates that give way to another line on that day. */
  used: boolean;
  /** Nothing is made of it in turn. */
  top: boolean;
}

interface Step { row: WhereUsedRow; level: number; path: ItemHead[]; per: Exact | undefined; used: boolean }

/** In what an item is used, on a day: every parent on every path upwards. */
@Injectable()
export class WhereUsedReader {
  constructor(private readonly database: Database, private readonly structures: StructureReader) {}

  /** @param levels 'single' answers direct parents only. @throws AppError invalid `where-used.too-many` beyond 10,000 paths. */
  async whereUsed(context: RequestContext, ask: StructureAsk, levels: 'single' | 'all' = 'all'): Promise<{ item: ItemHead; date: string; site: string | null; data: WhereUsedPath[] }> {
    const question = this.structures.questionOf(context, ask);
    const items = await itemHeads(this.database, [question.itemId]);
    const item = items.get(question.itemId);
    if (!item) throw notFound('item.not-found', 'There is no such item.');
    const into = new Map<string, WhereUsedRow[]>();
    let level = [question.itemId];
    while (level.length > 0) {
      for (const id of level) into.set(id, []);
      for (const row of await selectWhereUsed(this.database, question, level)) into.get(row.componentId)!.push(row);
      const parents = [...new Set(level.flatMap((id) => into.get(id)!.map(({ parentId }) => parentId)))].filter((id) => !into.has(id));
      for (const head of (await itemHeads(this.database, parents)).values()) items.set(head.id, head);
      level = parents;
    }
    return { item, date: question.date, site: question.site, data: paths(item, into, items, levels === 'single' ? 1 : Infinity) };
  }
}

function paths(item: ItemHead, into: ReadonlyMap<string, WhereUsedRow[]>, items: ReadonlyMap<string, ItemHead>, levelsMax: number): WhereUsedPath[] {
  const found: WhereUsedPath[] = [];
  const climb = (from: ItemHead, before: Pick<Step, 'level' | 'path' | 'per' | 'used'>): void => {
    for (const row of into.get(from.id) ?? []) {
      const parent = items.get(row.parentId)!;
      const step = { row, level: before.level + 1, path: [...before.path, parent], per: perParent(row, from, before.per), used: before.used && row.used };
      found.push(toPath(item, parent, step, into.get(parent.id)?.length === 0));
      if (found.length > pathsMax) throw invalid(`${item.code} is used on more than ${pathsMax} paths; ask for levels=single.`, [], 'where-used.too-many');
      if (step.level < levelsMax) climb(parent, step);
    }
  };
  climb(item, { level: 0, path: [item], per: Exact.one, used: true });
  return found;
}

function perParent(row: WhereUsedRow, component: ItemHead, below: Exact | undefined): Exact | undefined {
  const factor = conversionFactor(row.unit, component.unit);
  if (row.fixed || !below || !factor) return undefined;
  const scrap = Exact.one.plus(Exact.of(row.scrapPercent).over(Exact.of('100')));
  return below.times(Exact.of(row.quantityPer)).times(scrap).times(factor).over(Exact.of(row.baseQuantity));
}

const toPath = (item: ItemHead, parent: ItemHead, { row, level, path, per, used }: Step, top: boolean): WhereUsedPath => ({
  level, itemId: parent.id, code: parent.code, type: parent.type, path: path.map(({ code }) => code),
  quantityPer: per ? { value: per.toDecimal(), unit: item.unit } : null,
  bomId: row.bomId, revision: row.revision, lineId: row.lineId, position: row.position, alternateGroup: row.alternateGroup, alternatePriority: row.alternatePriority, used, top,
});
