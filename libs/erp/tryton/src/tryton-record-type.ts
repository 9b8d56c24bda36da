import type { EntityCapability, ErpRecord, ErpWrite } from '@datum/write-back';
import { ErpFailure } from '@datum/write-back';
import { toTrytonInstant } from './tryton-values.js';

/** A record with what is needed to write it: the ids and timestamps of all rows it consists of. */
export interface TrytonRow {
  id: number;
  record: ErpRecord;
  /** Needed by the type itself when it builds a write. */
  details: Record<string, unknown>;
}

export interface TrytonWrite {
  model: string;
  ids: number[];
  values: Record<string, unknown>;
  /** `model,id` → the timestamp that was read: Tryton checks nothing without it. */
  timestamps: Record<string, string>;
}

/** Finds the id of a unit by its symbol; undefined when this Tryton has no such unit. */
export type UnitIds = (symbol: string) => Promise<number | undefined>;

/** How one governed record type is laid out in Tryton's models. */
export interface TrytonRecordType {
  readonly capability: EntityCapability;
  /** The model whose id is the record's and whose `code` is its key. */
  readonly model: string;
  readonly fields: readonly string[];
  /** Models joined by a dotted field, whose changes are the record's too: `''` itself, `'template.'`. */
  readonly datedPrefixes: readonly string[];
  /** Tryton's English labels → attributes. */
  readonly labels: Readonly<Record<string, string>>;
  /** Undefined when the row is not what the protocol says. */
  toRow(row: unknown): TrytonRow | undefined;
  creation(write: ErpWrite, units: UnitIds): Promise<{ model: string; values: Record<string, unknown> }>;
  change(row: TrytonRow, write: ErpWrite, units: UnitIds): Promise<TrytonWrite>;
}

/** Rows changed at or after `since`: `write_date` is null until the first change of some models. */
export function changedDomain(prefixes: readonly string[], since: string): unknown[] {
  const from = toTrytonInstant(since);
  return ['OR', ...prefixes.flatMap((prefix) => [
    [`${prefix}write_date`, '>=', from],
    [[`${prefix}write_date`, '=', null], [`${prefix}create_date`, '>=', from]],
  ])];
}

export const refusedValue = (attribute: string, message: string): ErpFailure =>
  new ErpFailure('validation', message, { field: attribute });

/** @throws ErpFailure `validation` for the first attribute that is not writable */
export function onlyWritable(capability: EntityCapability, attributes: Record<string, unknown>): void {
  for (const attribute of Object.keys(attributes)) {
    if (!capability.writable.includes(attribute)) throw refusedValue(attribute, `${attribute} cannot be written in Tryton.`);
  }
}

export function textOrRefusal(attribute: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw refusedValue(attribute, `${attribute} must be a text that is not empty.`);
}

export function flagOrRefusal(attribute: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw refusedValue(attribute, `${attribute} must be true or false.`);
}
