import { Injectable, StreamableFile } from '@nestjs/common';
import { Readable } from 'node:stream';
import { invalid, ok, parseRecordQuery, type Reply, type RequestContext } from '@datum/platform';
import type { WireRequest } from '@datum/governed';
import { ComparisonReader } from './comparison.reader.js';
import { CostReader, toCostRollupView } from './cost.reader.js';
import { countRows } from './explosion.js';
import { explosionJson, type ExplosionMode } from './explosion-json.js';
import { badParameter, quantityOf, StructureReader } from './structure.reader.js';
import { WhereUsedReader } from './where-used.reader.js';

const rowsMax = 1_000_000;
const structureParameters = ['date', 'site', 'usage', 'alternates', 'serial', 'lot'];
const modes: readonly string[] = ['summary', 'multilevel', 'single'];

/** The REST side of structures: reads the query, answers. */
@Injectable()
export class StructureApi {
  constructor(
    private readonly structures: StructureReader,
    private readonly whereUsedReader: WhereUsedReader,
    private readonly comparisons: ComparisonReader,
    private readonly costs: CostReader,
  ) {}

  /** Streams: whatever can be refused is refused before the first byte. */
  async explode(context: RequestContext, itemId: string, request: WireRequest): Promise<StreamableFile> {
    const { mode = 'summary', quantity: asked, ...ask } = read(request, [...structureParameters, 'quantity', 'mode', 'revision']);
    if (!modes.includes(mode)) throw badParameter('mode', 'enum.unknown', `Expected one of ${modes.join(', ')}.`);
    const question = this.structures.questionOf(context, { ...ask, itemId }, mode === 'single' ? 'one' : 'all');
    const quantity = quantityOf(asked);
    const structure = await this.structures.load(question);
    if (mode === 'multilevel' && countRows(structure) > rowsMax) {
      throw invalid(`The explosion has more than ${rowsMax} rows; ask for mode=summary.`, [], 'bom.too-large');
    }
    const chunks = explosionJson({ structure, question, quantity, mode: mode as ExplosionMode });
    return new StreamableFile(Readable.from(chunks, { objectMode: false }), { type: 'application/json; charset=utf-8' });
  }

  async whereUsed(context: RequestContext, itemId: string, request: WireRequest): Promise<Reply> {
    const { levels = 'all', ...ask } = read(request, ['date', 'site', 'usage', 'levels']);
    if (levels !== 'all' && levels !== 'single') throw badParameter('levels', 'enum.unknown', 'Expected all or single.');
    const { item, date, site, data } = await this.whereUsedReader.whereUsed(context, { ...ask, itemId }, levels);
    return ok({ itemId: item.id, code: item.code, date, site, data });
  }

  async compare(context: RequestContext, itemId: string, request: WireRequest): Promise<Reply> {
    const ask = read(request, ['site', 'usage', 'alternates', 'serial', 'lot', 'quantity', 'from', 'to', 'fromRevision', 'toRevision']);
    return ok(await this.comparisons.compare(context, { ...ask, itemId }));
  }

  async costRollup(context: RequestContext, itemId: string, request: WireRequest): Promise<Reply> {
    const ask = read(request, [...structureParameters, 'revision', 'capacity', 'lotSize']);
    return ok(toCostRollupView(await this.costs.rollUp(context, { ...ask, itemId })));
  }
}

const read = ({ url }: WireRequest, names: readonly string[]): Record<string, string> => {
  const at = url.indexOf('?');
  return parseRecordQuery(at < 0 ? '' : url.slice(at + 1), { extra: names, without: ['asOf', 'knownAt', 'maxAgeSeconds'] }).extra;
};
