import { usage } from '../cli-error.js';
import type { ApiClient } from '../api-client.js';
import { Contract, readOnlyMembers } from '../contract.js';
import { transformOf, RowProblem } from '../mapping/transforms.js';
import type { RowMapping } from './row-mapping.js';
import type { SourceRecord } from './source.js';

const rowMembers = ['op', 'id', 'key', 'attributes', 'localKeys', 'ifMatch', 'validFrom'];
const lists = { codes: {} };
const toInteger = transformOf('integer', lists);
const toBoolean = transformOf('boolean', lists);

/**
 * The mapping of a file whose columns are attribute names, as `datum export` writes it. Which cells are numbers, yes or no, or JSON is read from the
 * contract that the gateway publishes.
 * @throws CliError when there is no such collection, or it has no such attribute
 */
export async function plainMapping(client: ApiClient, collection: string, columns: readonly string[] | undefined): Promise<RowMapping> {
  const kinds = (await Contract.of(client)).writable(collection);
  const unknown = columns?.find((name) => !readOnlyMembers.has(name) && !kinds.has(name));
  if (unknown !== undefined) throw usage(`${collection} have no attribute "${unknown}"; they have ${[...kinds.keys()].join(', ')}.`);
  return (record) => {
    if (record.problem !== undefined) return { refuse: record.problem };
    try {
      return { line: record.line === undefined ? fromCells(record, kinds) : fromJson(record) };
    } catch (error) {
      if (error instanceof RowProblem) return { refuse: error.message };
      throw error;
    }
  };
}

function fromCells({ row }: SourceRecord, kinds: ReadonlyMap<string, string>): string {
  const attributes: Record<string, unknown> = {};
  for (const [name, cell] of Object.entries(row)) {
    if (!readOnlyMembers.has(name) && cell !== '') attributes[name] = typed(name, cell as string, kinds.get(name) ?? 'string');
  }
  return JSON.stringify({ attributes });
}

function typed(name: string, cell: string, kind: string): unknown {
  try {
    if (kind === 'integer') return toInteger(cell);
    if (kind === 'boolean') return toBoolean(cell);
    return kind === 'object' || kind === 'array' ? JSON.parse(cell) : cell;
  } catch (error) {
    throw new RowProblem(`${name}: ${error instanceof RowProblem ? error.message : 'JSON is expected in this cell.'}`);
  }
}

/** Lines go out as they stand, so that what is not exact or said twice is judged by the gateway; only exported records are taken apart. */
function fromJson({ row, line }: SourceRecord): string {
  const names = Object.keys(row);
  if (names.includes('attributes') && names.every((name) => rowMembers.includes(name))) return line!;
  if (!names.some((name) => readOnlyMembers.has(name))) return `{"attributes":${line}}`;
  refuseInexact(line!);
  return JSON.stringify({ attributes: Object.fromEntries(Object.entries(row).filter(([name]) => !readOnlyMembers.has(name))) });
}

/** A number that a double cannot hold would be rounded when the line is written anew. */
function refuseInexact(line: string): void {
  for (const [number] of line.replace(/"(?:[^"\\]|\\.)*"/g, '').matchAll(/-?\d[\d.e+-]*/gi)) {
    if (String(Number(number)) !== number) throw new RowProblem(`The number ${number} would not be kept as it is; write it as a text.`);
  }
}
