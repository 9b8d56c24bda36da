import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { usage } from '../cli-error.js';
import { writeWhole } from '../login-store.js';

export interface Counts { created: number; updated: number; unchanged: number; refused: number }

/** A piece of a file: what was made of rows up to `toRow`, and how far it is. */
export interface Part {
  number: number;
  /** Last row of the source that is in it, by the source's own count of records. */
  toRecord: number;
  read: number;
  /** Rows in the body that goes to the gateway. */
  rows: number;
  refusedHere: number;
  skipped: Record<string, number>;
  /** Rows that only had to be understood. */
  checked?: number;
  /** One per attempt that the gateway may know: the same key always means the same operation. */
  key: string;
  operationId?: string;
  done?: Counts;
}

export interface StepState { parts: Part[]; readToEnd: boolean }
interface State { steps: Record<string, StepState> }

/** What an import is, apart from how far it came: the same gateway, login, mapping and files. */
export interface ImportIdentity { url: string; clientId: string; target: string; mapping: string; files: readonly string[] }

/**
 * How far an import is, on disk: written before and after everything that counts, each time whole. A process that is killed anywhere goes on from here and
 * sends again, under the same key, only what the gateway may not have got.
 */
export class ImportState {
  private constructor(readonly directory: string, private readonly state: State, readonly resumed: boolean) {}

  /** @throws CliError when another process works on the same import */
  static async open(home: string, identity: ImportIdentity, { restart = false } = {}): Promise<ImportState> {
    const stamps = await Promise.all(identity.files.map(async (file) => {
      const { size, mtimeMs } = await fs.stat(file);
      return [path.resolve(file), size, mtimeMs];
    }));
    const hash = createHash('sha256').update(JSON.stringify([identity.url, identity.clientId, identity.target, identity.mapping, stamps])).digest('hex');
    const directory = path.join(home, 'imports', hash.slice(0, 24));
    if (restart) await fs.rm(directory, { recursive: true, force: true });
    await fs.mkdir(directory, { recursive: true, mode: 0o700 });
    await lock(directory);
    const text = await fs.readFile(path.join(directory, 'state.json'), 'utf8').catch(() => undefined);
    return new ImportState(directory, text === undefined ? { steps: {} } : (JSON.parse(text) as State), text !== undefined);
  }

  step(name: string): StepState {
    return (this.state.steps[name] ??= { parts: [], readToEnd: false });
  }

  async save(): Promise<void> {
    await writeWhole(path.join(this.directory, 'state.json'), JSON.stringify(this.state));
  }

  file(step: string, part: number, kind: 'rows' | 'body' | 'here' | 'there'): string {
    return path.join(this.directory, `${step.replaceAll(/[^\w-]/g, '_')}-${part}.${kind}.ndjson`);
  }

  /** The import is over; a further run begins anew. */
  async remove(): Promise<void> {
    await fs.rm(this.directory, { recursive: true, force: true });
  }

  async unlock(): Promise<void> {
    await fs.rm(path.join(this.directory, 'lock'), { force: true });
  }
}

export const newKey = (): string => `import-${randomUUID()}`;

async function lock(directory: string): Promise<void> {
  const file = path.join(directory, 'lock');
  for (let tries = 0; tries < 3; tries += 1) {
    try {
      await fs.writeFile(file, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const pid = Number(await fs.readFile(file, 'utf8').catch(() => ''));
      if (isAlive(pid)) throw usage(`Process ${pid} works on the same import already.`);
      await fs.rm(file, { force: true });
    }
  }
  throw usage('Another process works on the same import.');
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
