import { ErpFailure, type ErpRecord, type UnreadableRow } from '@datum/write-back';
import { notUnderstood, unreadable } from '@datum/erp-http';
import type { SweptRow } from '@datum/erp-http';
import { toAttributes, UnexpectedValue } from './field-conversion.js';
import { isObject, memberAt } from './json-path.js';
import type { RestRecordType } from './rest-configuration.js';

/** One row of the ERP in canonical terms. @throws ErpFailure `unreadable` when it is not what the configuration says */
export function toRecord(recordType: string, type: RestRecordType, row: unknown, token: string | undefined, effect: boolean): ErpRecord {
  const wrong = (what: string): Error => unreadable(effect, `a ${recordType} ${what}`);
  const key = keyInRow(type, row);
  if (key === undefined || !isObject(row)) throw notUnderstood(effect, `a ${recordType} without its key`);
  const changedAt = type.changedAt === undefined ? undefined : row[type.changedAt];
  if (changedAt !== undefined && (typeof changedAt !== 'string' || Number.isNaN(Date.parse(changedAt)))) {
    throw wrong('with a change time that is none');
  }
  if (type.token && (typeof token !== 'string' || token === '')) throw wrong('without its version');
  const internalId = type.internalId === undefined ? undefined : row[type.internalId];
  if (internalId !== undefined && typeof internalId !== 'string' && typeof internalId !== 'number') throw wrong('with a strange id');
  return {
    recordType,
    key,
    ...(internalId === undefined ? {} : { internalId: String(internalId) }),
    ...(type.token ? { token: token! } : {}),
    attributes: attributesOf(type, row, wrong),
    ...(changedAt === undefined ? {} : { changedAt }),
    active: isActive(type, row, wrong),
  };
}

/** The business key of a row, whatever else it holds. */
export function keyInRow(type: RestRecordType, row: unknown): string | undefined {
  const key = isObject(row) ? row[type.key] : undefined;
  return typeof key === 'string' && key !== '' ? key : undefined;
}

type Swept = SweptRow & { record: ErpRecord };

/** The rows of a page that can be read, and those that cannot. A row without a key is no record: nothing of its page is believed. */
export function sweptRows(recordType: string, type: RestRecordType, rows: readonly unknown[]): { swept: Swept[]; unreadable: UnreadableRow[] } {
  const swept: Swept[] = [];
  const aside: UnreadableRow[] = [];
  for (const row of rows) {
    try {
      swept.push(sweptRow(toRecord(recordType, type, row, tokenInRow(type, row), false)));
    } catch (error) {
      if (!(error instanceof ErpFailure) || error.kind !== 'unreadable') throw error;
      aside.push({ key: keyInRow(type, row)!, reason: error.message });
    }
  }
  return { swept, unreadable: aside };
}

/** The rows of a page and its cursor. */
export function pageOf(
  body: unknown, paging: { rows: string; next: string }, recordType: string,
): { rows: unknown[]; next: string | undefined } {
  const rows = memberAt(body, paging.rows);
  const next = memberAt(body, paging.next) ?? undefined;
  if (!Array.isArray(rows) || (next !== undefined && (typeof next !== 'string' || next === ''))) {
    throw notUnderstood(false, `a list of ${recordType} records that is none`);
  }
  return { rows, next };
}

const sweptRow = (record: ErpRecord): SweptRow & { record: ErpRecord } =>
  ({ id: record.internalId ?? record.key, token: record.token ?? '', changedAt: record.changedAt ?? '', record });

function tokenInRow(type: RestRecordType, row: unknown): string | undefined {
  const token = type.token && isObject(row) ? row[type.token.rowField] : undefined;
  return typeof token === 'string' ? token : undefined;
}

function attributesOf(type: RestRecordType, row: Record<string, unknown>, wrong: (what: string) => Error): Record<string, unknown> {
  try {
    return toAttributes(type, row);
  } catch (error) {
    if (error instanceof UnexpectedValue) throw wrong('with a value of the wrong form');
    throw error;
  }
}

function isActive(type: RestRecordType, row: Record<string, unknown>, wrong: (what: string) => Error): boolean {
  if (!type.active) return true;
  const value = row[type.active.field];
  if (typeof value !== typeof type.active.activeWhen) throw wrong('with a strange state');
  return value === type.active.activeWhen;
}
