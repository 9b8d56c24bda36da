import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { AppError, canonicalJson, Database, gatewayActor, invalid, type RequestContext, type TxContext } from '@datum/platform';
import { RecordReader, RecordWriter } from '@datum/governed';
import { countRows, walk, type Visit } from './explosion.js';
import { lineOf } from './explosion-json.js';
import { frozenLines, insertFrozenLines } from './frozen-explosion.repository.js';
import { frozenExplosionRecord, type FrozenExplosion } from './frozen-explosion.record.js';
import { quantityOf, StructureReader } from './structure.reader.js';

/** Lines of one frozen explosion. */
const linesMax = 100_000;

export interface FreezeRequest {
  orderId: string;
  itemId: string;
  /** In the base unit of the item. */
  quantity: string;
  /** Day whose BOMs are taken; default the business day. */
  date?: string;
  site?: string;
  revision?: string;
  serial?: string;
  lot?: string;
}

/** One line of a frozen explosion: a use of a component, in the order of the multi-level explosion. */
export interface FrozenLine {
  level: number; position: number; itemId: string; code: string; type: string; quantity: { value: string; unit: string }; lineId: string;
  /** Passed through: its components take its place. */
  phantom: boolean;
  made: boolean;
  /** To be issued to the order itself: nothing but phantoms lies between. */
  direct: boolean;
  operationPosition: number | null;
}

/** Keeps what an order was released with, apart from all later changes of BOMs. */
@Injectable()
export class FrozenExplosions {
  constructor(
    private readonly database: Database,
    private readonly structures: StructureReader,
    private readonly writer: RecordWriter,
    private readonly reader: RecordReader,
  ) {}

  /**
   * Explodes and stores, in the caller's transaction. Computed by the gateway, so it is written in its name; the correlation id leads to who released the order.
   * @throws AppError conflict `frozen-explosion.exists` when the order has one already; as `StructureReader`.
   */
  async freeze(context: TxContext, request: FreezeRequest): Promise<{ record: FrozenExplosion; lines: FrozenLine[] }> {
    const { orderId, quantity, ...ask } = request;
    const question = this.structures.questionOf(context, ask);
    const structure = await this.structures.load(question, context.tx);
    const amount = quantityOf(quantity);
    if (countRows(structure) > linesMax) throw invalid(`The explosion has more than ${linesMax} lines.`, [], 'bom.too-large');
    const lines = [...walk(structure, amount)].map(toFrozenLine);
    const bodies = lines.map((line) => canonicalJson(line));
    const [result] = await this.writer.apply({ ...context, actor: gatewayActor }, frozenExplosionRecord, [{ op: 'create', attributes: {
      orderId, itemId: question.itemId, site: question.site, quantity: amount.toDecimal(), unit: structure.root.unit, date: question.date,
      bomId: structure.root.bom?.id ?? null, lineCount: lines.length, hash: hashOf(bodies),
    } }]);
    if (result!.status === 'refused') throw result!.error;
    await insertFrozenLines(context.tx, result!.record.id, bodies);
    return { record: result!.record as unknown as FrozenExplosion, lines };
  }

  /** The stored lines, after their hash was checked. @throws AppError notFound; bug when what is stored is not what was frozen. */
  async lines(context: RequestContext, id: string): Promise<{ hash: string; data: FrozenLine[] }> {
    const { json } = await this.reader.read(context, frozenExplosionRecord, id);
    const { hash } = JSON.parse(json) as { hash: string };
    const bodies = await frozenLines(this.database, id);
    if (hashOf(bodies) !== hash) throw new AppError('bug', 'frozen-explosion.altered', 'The stored lines are not those that were frozen.');
    return { hash, data: bodies.map((body) => JSON.parse(body) as FrozenLine) };
  }
}

const toFrozenLine = (visit: Visit): FrozenLine =>
  ({ ...lineOf(visit), direct: visit.direct && !visit.passedThrough, operationPosition: visit.line.operationPosition });

function hashOf(bodies: readonly string[]): string {
  const hash = createHash('sha256');
  for (const body of bodies) hash.update(body).update('\n');
  return hash.digest('hex');
}
