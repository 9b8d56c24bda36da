import { Injectable } from '@nestjs/common';
import { AppError, created, Database, etagOf, invalid, type Reply, type RequestContext, type TxContext } from '@datum/platform';
import { batchRowsMax, isPlainObject, RecordWriter, type AnyRecord, type WireRecord } from '@datum/governed';

const partsMax = 5_000;

/** A record and its parts in one call: what would otherwise be half a BOM is never seen by anybody. */
@Injectable()
export class PartedRecordWriter {
  constructor(private readonly database: Database, private readonly writer: RecordWriter) {}

  /**
   * Creates a record with its parts in one transaction. The parts get the id and the site of the record.
   * @param parts.field name of the list in the body: `lines`
   * @throws AppError the first refusal, with pointers into the body: `#/lines/3/unit`
   */
  async create(context: RequestContext, definition: AnyRecord, parts: { field: string; definition: AnyRecord; reference: string }, body: unknown): Promise<Reply> {
    if (!isPlainObject(body)) throw new AppError('malformed', 'body.object-expected', 'A JSON object is expected.');
    const { [parts.field]: list = [], ...attributes } = body;
    if (!Array.isArray(list) || list.length > partsMax || !list.every(isPlainObject)) {
      throw invalid(`At most ${partsMax} ${parts.field}, each an object.`, [{ pointer: `#/${parts.field}`, code: 'type.list', detail: `A list of at most ${partsMax} objects is expected.` }]);
    }
    return this.database.transaction(context, async (tx) => {
      const [result] = await this.writer.apply(tx, definition, [{ op: 'create', attributes }]);
      if (result!.status === 'refused') throw result!.error;
      const { record } = result!;
      const rows = (list).map((part) => ({ ...part, [parts.reference]: record.id, ...(record.site == null ? {} : { site: record.site }) }));
      const written = await this.writeParts(tx, parts, rows);
      return created(`/v1/${definition.collection}/${record.id}`, { ...record, [parts.field]: written }, { ETag: etagOf(record.version) });
    });
  }

  private async writeParts(tx: TxContext, { field, definition }: { field: string; definition: AnyRecord }, rows: Record<string, unknown>[]): Promise<WireRecord[]> {
    const written: WireRecord[] = [];
    for (let from = 0; from < rows.length; from += batchRowsMax) {
      const results = await this.writer.apply(tx, definition, rows.slice(from, from + batchRowsMax).map((attributes) => ({ op: 'create' as const, attributes })));
      results.forEach((result, i) => {
        if (result.status === 'refused') throw at(result.error, `${field}/${from + i}`);
        written.push(result.record);
      });
    }
    return written;
  }
}

/** The refusal of a part, told from the body that holds it. */
function at(error: AppError, place: string): AppError {
  const errors = error.errors.map((problem) => ({ ...problem, pointer: problem.pointer.replace(/^#/, `#/${place}`) }));
  return new AppError(error.kind, error.code, error.message, {
    details: error.details, errors: errors.length > 0 ? errors : [{ pointer: `#/${place}`, code: error.code, detail: error.message }], headers: error.headers, cause: error,
  });
}
