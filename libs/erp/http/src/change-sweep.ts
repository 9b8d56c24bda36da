import { ErpFailure } from '@datum/write-back';

/**
 * Finding changes by their time, without loss. A *sweep* pages once through everything changed since a time. The next sweep starts
 * one overlap before the moment at which this one began, because a long transaction commits rows dated in the past; what the overlap brings
 * again is recognised by (id, token) and dropped. The sweep's state is the watermark, so a caller that goes back to an older
 * watermark gets everything after it again: nothing is remembered elsewhere.
 */
export interface Sweep {
  /** Records changed at or after this; undefined: all. RFC 3339. */
  since?: string;
  /** Where the present sweep goes on; undefined: a new sweep begins. */
  cursor?: string;
  /** The ERP's clock when the present sweep began. */
  begunAt?: string;
  /** Delivered by the sweep before and dated inside the overlap: id → token. */
  seen: Record<string, string>;
  /** The same for the present sweep. */
  fresh: Record<string, string>;
}

export interface SweptRow {
  id: string;
  token: string;
  /** RFC 3339 UTC. */
  changedAt: string;
}

/** Above this many records inside one overlap some are delivered twice, which is harmless; the watermark must stay small. */
const rememberedMax = 1_000;

/** @throws ErpFailure `validation` for a watermark that this adapter did not make */
export function openWatermark(watermark: string | undefined): Sweep {
  if (watermark === undefined) return { seen: {}, fresh: {} };
  try {
    const sweep = JSON.parse(Buffer.from(watermark, 'base64url').toString('utf8')) as Partial<Sweep>;
    if (isTokens(sweep.seen) && isTokens(sweep.fresh) && [sweep.since, sweep.cursor, sweep.begunAt].every(isTextOrAbsent)) {
      return sweep as Sweep;
    }
  } catch {
    // Not ours, like everything else that does not parse.
  }
  throw new ErpFailure('validation', 'The watermark was not made by this adapter.');
}

/**
 * Takes in one page: says which of its rows are new, and the watermark after it.
 * @param page.asOf the ERP's clock when it answered; only the first page's counts. `page.next`: the cursor of the next page
 */
export function sweepPage<Row extends SweptRow>(
  sweep: Sweep,
  page: { rows: readonly Row[]; next: string | undefined; asOf: string },
  overlapMs: number,
): { delivered: Row[]; watermark: string; more: boolean } {
  const begunAt = sweep.cursor === undefined ? page.asOf : (sweep.begunAt ?? page.asOf);
  const nextSince = new Date(Date.parse(begunAt) - overlapMs).toISOString();
  const fresh = { ...(sweep.cursor === undefined ? {} : sweep.fresh) };
  for (const { id, token, changedAt } of page.rows) {
    const inOverlap = Date.parse(changedAt) >= Date.parse(nextSince);
    if (inOverlap && Object.keys(fresh).length < rememberedMax) fresh[id] = token;
  }
  const delivered = page.rows.filter(({ id, token }) => sweep.seen[id] !== token);
  const after: Sweep = page.next === undefined
    ? { since: nextSince, seen: fresh, fresh: {} }
    : { ...sweep, cursor: page.next, begunAt, fresh };
  return { delivered, watermark: Buffer.from(JSON.stringify(after)).toString('base64url'), more: page.next !== undefined };
}

const isTextOrAbsent = (value: unknown): boolean => value === undefined || typeof value === 'string';
const isTokens = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).every((token) => typeof token === 'string');
