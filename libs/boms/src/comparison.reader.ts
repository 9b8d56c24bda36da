import { Injectable } from '@nestjs/common';
import { Database, notFound, type RequestContext } from '@datum/platform';
import { Exact } from '@datum/semantics';
import { compare, type Difference } from './comparison.js';
import { costOf, CostReader } from './cost.reader.js';
import { badParameter, quantityOf, StructureReader, type StructureAsk } from './structure.reader.js';
import { selectRevisionStart } from './structure.repository.js';
import type { Structure, StructureQuestion } from './structure.js';
import type { BomComparisonView, BomDifferenceView } from './structure.view.js';

export interface ComparisonAsk extends Omit<StructureAsk, 'date' | 'revision'> {
  /** Days to compare. With a revision, default the day it begins. */
  from?: string;
  to?: string;
  fromRevision?: string;
  toRevision?: string;
  quantity?: string;
}

interface Side { question: StructureQuestion; structure: Structure }

/** Compares what an item is made of on two days, or in two revisions. */
@Injectable()
export class ComparisonReader {
  constructor(private readonly database: Database, private readonly structures: StructureReader, private readonly costs: CostReader) {}

  /** @throws AppError malformed when a side is not named; notFound for an unknown revision. */
  async compare(context: RequestContext, ask: ComparisonAsk): Promise<BomComparisonView> {
    const { from: fromDate, to: toDate, fromRevision, toRevision, quantity: asked, ...rest } = ask;
    const quantity = quantityOf(asked);
    const from = await this.side(context, rest, 'from', fromDate, fromRevision);
    const to = await this.side(context, rest, 'to', toDate, toRevision);
    const { added, removed, changed, replaced, unchanged } = compare(from.structure, to.structure, quantity);
    const { root } = to.structure;
    return {
      itemId: root.id, code: root.code, quantity: { value: quantity.toDecimal(), unit: root.unit }, site: to.question.site,
      from: sideOf(from), to: sideOf(to),
      added: added.map(differenceOf), removed: removed.map(differenceOf), changed: changed.map(differenceOf), replaced, unchanged,
      cost: await this.cost(from, to),
    };
  }

  private async side(context: RequestContext, ask: StructureAsk, name: 'from' | 'to', date: string | undefined, revision: string | undefined): Promise<Side> {
    if (date === undefined && revision === undefined) throw badParameter(name, `${name}.missing`, `Say a day (${name}) or a revision (${name}Revision).`);
    let question = this.structures.questionOf(context, { ...ask, ...(date === undefined ? {} : { date }), ...(revision === undefined ? {} : { revision }) });
    if (date === undefined) {
      const start = await selectRevisionStart(this.database, question, revision!);
      if (!start) throw notFound('bom.not-found', `The item has no BOM of revision ${revision}.`);
      question = { ...question, date: start.from ?? question.date };
    }
    return { question, structure: await this.structures.load(question) };
  }

  private async cost(from: Side, to: Side): Promise<BomComparisonView['cost']> {
    const before = await this.costs.rollUpStructure(from.structure, from.question);
    const after = await this.costs.rollUpStructure(to.structure, to.question);
    if (before.missing.length > 0 || after.missing.length > 0 || before.currency !== after.currency) return null;
    const [a, b] = [before.root.total, after.root.total];
    return { from: costOf(a), to: costOf(b), delta: costOf(b.minus(a)), currency: after.currency };
  }
}

const sideOf = ({ question, structure }: Side) => ({ date: question.date, bom: structure.root.bom ?? null });

const differenceOf = ({ itemId, code, unit, made, from, to }: Difference): BomDifferenceView => ({
  itemId, code, unit, made, from: from?.toDecimal() ?? null, to: to?.toDecimal() ?? null, delta: (to ?? Exact.zero).minus(from ?? Exact.zero).toDecimal(),
});
