import type { ImportState, Part, StepState } from './import-state.js';
import { newKey } from './import-state.js';
import { LineFile } from './line-file.js';
import type { Mapped, RowMapping } from './row-mapping.js';
import type { SourceRecord } from './source.js';

/** One operation takes 50,000 rows and 64 MiB; a little is left for what stands around. */
export const partLimits = { rows: 50_000, bytes: 60 * 1024 * 1024 } as const;
/** The gateway's limit of one row. */
const lineBytesMax = 64 * 1024;

export interface BuildSettings { step: string; state: ImportState; progress: StepState; mapping: RowMapping; rowsMax?: number }

/** A row that did not come into the gateway, as the report tells it. */
export interface Complaint { row: number; outcome: 'skipped' | 'refused'; reason: string; code?: string; raw: unknown }

/**
 * Cuts the records of a file into parts on disk, each complete before it is yielded. Records up to the last known part are mapped again, so that the
 * mapping knows what it has seen, and are written nowhere.
 */
export async function* buildParts(records: AsyncIterable<SourceRecord>, settings: BuildSettings): AsyncGenerator<Part> {
  const { progress, mapping, rowsMax = partLimits.rows } = settings;
  const alreadyRead = progress.parts.at(-1)?.toRecord ?? 0;
  let writer: PartWriter | undefined;
  let record = 0;
  for await (const source of records) {
    record += 1;
    const mapped = tooLong(mapping(source));
    if (record <= alreadyRead) continue;
    writer ??= await PartWriter.open(settings, progress.parts.length);
    await writer.take(record, source, mapped);
    if (writer.part.rows >= rowsMax || writer.bytes >= partLimits.bytes - lineBytesMax) {
      yield await writer.close();
      writer = undefined;
    }
  }
  if (writer) yield await writer.close();
}

function tooLong(mapped: Mapped): Mapped {
  if (!('line' in mapped) || Buffer.byteLength(mapped.line) <= lineBytesMax) return mapped;
  return { refuse: `The row is longer than ${lineBytesMax} bytes.` };
}

class PartWriter {
  readonly part: Part;

  private constructor(number: number, private readonly files: Record<'body' | 'rows' | 'here', LineFile>) {
    this.part = { number, toRecord: 0, read: 0, rows: 0, refusedHere: 0, skipped: {}, key: newKey() };
  }

  static async open({ state, step }: BuildSettings, number: number): Promise<PartWriter> {
    const create = (kind: 'body' | 'rows' | 'here') => LineFile.create(state.file(step, number, kind));
    return new PartWriter(number, { body: await create('body'), rows: await create('rows'), here: await create('here') });
  }

  get bytes(): number {
    return this.files.body.bytes;
  }

  async take(record: number, source: SourceRecord, mapped: Mapped): Promise<void> {
    const { part } = this;
    part.toRecord = record;
    part.read += 1;
    if ('line' in mapped) {
      part.rows += 1;
      await this.files.body.write(mapped.line);
      await this.files.rows.write(JSON.stringify([source.number, source.row]));
    } else if ('refuse' in mapped) {
      part.refusedHere += 1;
      await this.complain({ row: source.number, outcome: 'refused', reason: mapped.refuse, raw: source.line ?? source.row });
    } else {
      const reason = 'skip' in mapped ? mapped.skip : mapped.duplicate;
      part.skipped[reason] = (part.skipped[reason] ?? 0) + 1;
      // Rows that were folded into one are counted; each of them in the report would bury what matters.
      if ('skip' in mapped) await this.complain({ row: source.number, outcome: 'skipped', reason, raw: source.row });
    }
  }

  async close(): Promise<Part> {
    for (const file of Object.values(this.files)) await file.close();
    return this.part;
  }

  private complain(complaint: Complaint): Promise<void> {
    return this.files.here.write(JSON.stringify(complaint));
  }
}
