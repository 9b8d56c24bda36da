import fs from 'node:fs';
import readline from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../api-client.js';
import { CliError, exitCodes } from '../cli-error.js';
import { newKey, type Counts, type ImportState, type Part } from './import-state.js';
import { LineFile } from './line-file.js';
import type { Complaint } from './part-builder.js';

interface Operation { id: string; status: string; progress: { rowsDone?: number } | null; result: (Counts & { rows: number }) | null; error: { detail?: string } | null }
interface RowResult { index: number; problem: { detail: string; code: string; errors?: { pointer: string; detail: string }[] } }

const ended = new Set(['succeeded', 'failed', 'cancelled']);

/** Brings parts to the gateway and learns what became of their rows. */
export class PartSender {
  constructor(
    private readonly client: ApiClient,
    private readonly state: ImportState,
    private readonly step: { name: string; collection: string },
    private readonly onProgress: (rowsDone: number) => void,
  ) {}

  /** Uploads the part. Doing it again gives the same operation, because the key is the same. */
  async submit(part: Part): Promise<void> {
    if (part.operationId !== undefined) return;
    const { body } = await this.client.post<{ id: string }>(`/v1/${this.step.collection}:bulk`, { file: this.file(part, 'body') }, part.key);
    part.operationId = body.id;
    await this.state.save();
  }

  /** Waits for the end of the part's operation and notes what was refused, with the row it came from. */
  async settle(part: Part): Promise<void> {
    const operation = await this.ended(part);
    if (operation.status !== 'succeeded' || !operation.result) {
      // What was applied stays; a new attempt sends the part again, and those rows are found unchanged.
      part.key = newKey();
      delete part.operationId;
      await this.state.save();
      throw new CliError(exitCodes.refused, `Operation ${operation.id} ${operation.status}: ${operation.error?.detail ?? 'it was stopped'}`);
    }
    const { created, updated, unchanged, refused } = operation.result;
    if (created + updated + unchanged + refused !== part.rows) throw new Error(`operation ${operation.id} answered for other rows than were sent`);
    if (refused > 0) await this.noteRefused(part);
    part.done = { created, updated, unchanged, refused };
    await this.state.save();
    for (const kind of ['body', 'rows'] as const) await fs.promises.rm(this.file(part, kind), { force: true });
  }

  private async ended(part: Part): Promise<Operation> {
    for (let waitMs = 100; ; waitMs = Math.min(1_000, waitMs * 1.3)) {
      const { body: operation } = await this.client.get<Operation>(`/v1/operations/${part.operationId}`);
      this.onProgress(operation.progress?.rowsDone ?? 0);
      if (ended.has(operation.status)) return operation;
      await sleep(waitMs);
    }
  }

  /** Both the refusals and the rows come in order, so one pass over each is enough. */
  private async noteRefused(part: Part): Promise<void> {
    const complaints = await LineFile.create(this.file(part, 'there'));
    const rows = readline.createInterface({ input: fs.createReadStream(this.file(part, 'rows')), crlfDelay: Infinity })[Symbol.asyncIterator]();
    let at = -1;
    let line = '';
    for await (const text of this.client.lines(`/v1/operations/${part.operationId}/results?status=refused`)) {
      const { index, problem } = JSON.parse(text) as RowResult;
      for (; at < index; at += 1) line = String((await rows.next()).value);
      const [row, raw] = JSON.parse(line) as [number, unknown];
      await complaints.write(JSON.stringify({ row, outcome: 'refused', reason: sentence(problem), code: problem.code, raw } satisfies Complaint));
    }
    await rows.return?.();
    await complaints.close();
  }

  private file(part: Part, kind: 'body' | 'rows' | 'there'): string {
    return this.state.file(this.step.name, part.number, kind);
  }
}

function sentence({ detail, errors = [] }: RowResult['problem']): string {
  if (errors.length === 0) return detail;
  return errors.slice(0, 5).map((error) => `${error.pointer.replace(/^#\//, '')}: ${error.detail}`).join(' ');
}
