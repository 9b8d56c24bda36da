import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors/app-error.js';
import { CursorSigner } from './cursor.js';
import { listScope, parseListQuery, parseRecordQuery, type ListQuerySpec } from './list-query.js';

const spec: ListQuerySpec = {
  fields: {
    id: { type: 'uuid', ops: ['eq', 'in'], sortable: true },
    code: { type: 'text', ops: ['eq', 'in', 'like'] },
    type: { type: 'enum', ops: ['eq', 'in'], values: ['RAW', 'FINISHED'] },
    updatedAt: { type: 'instant', ops: ['gte', 'lt'], sortable: true },
    leadTimeDays: { type: 'int', ops: ['eq', 'gt', 'exists'] },
    standardCost: { type: 'decimal', ops: ['lt'] },
  },
  expand: ['supplier'],
  includes: ['provenance', 'local'],
  extra: ['system', 'code'],
};

function refusal(query: string): AppError {
  try {
    parseListQuery(query, spec);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error(`accepted: ${query}`);
}

describe('parseListQuery', () => {
  it('reads every parameter in normal form', () => {
    const query = 'filter[updatedAt][gte]=2026-03-04T15:00:00%2B01:00&filter%5Btype%5D%5Bin%5D=RAW,FINISHED&sort=-updatedAt,id&limit=500'
      + '&fields=code,description.en&expand=supplier&include=local,provenance&asOf=2026-03-04T14:00:00.000Z&maxAgeSeconds=60&system=CLD-EU';
    expect(parseListQuery(query, spec)).toEqual({
      filters: [
        { field: 'type', type: 'enum', op: 'in', values: ['RAW', 'FINISHED'] },
        { field: 'updatedAt', type: 'instant', op: 'gte', values: ['2026-03-04T14:00:00Z'] },
      ],
      sort: [{ field: 'updatedAt', direction: 'desc' }, { field: 'id', direction: 'asc' }],
      limit: 500,
      fields: [['code'], ['description', 'en']],
      expand: ['supplier'],
      include: ['local', 'provenance'],
      asOf: '2026-03-04T14:00:00Z',
      maxAgeSeconds: 60,
      extra: { system: 'CLD-EU' },
    });
  });

  it('has defaults', () => {
    expect(parseListQuery('', spec)).toEqual({ filters: [], sort: [], limit: 50, expand: [], include: [], extra: {} });
  });

  it.each(['0', '-1', '1000000000', '501', '1.5', '1e2', '05', '', '٣'])('[SEC10] refuses limit=%s with 400', (limit) => {
    const error = refusal(`limit=${encodeURIComponent(limit)}`);
    expect(error).toMatchObject({ kind: 'malformed', status: 400 });
    expect(error.errors[0]!.pointer).toBe('#/query/limit');
  });

  it.each([
    ['surprise=1', 'query.unknown-parameter', '#/query/surprise'],
    ['limit=1&limit=2', 'query.repeated', '#/query/limit'],
    ['filter[nothing][eq]=1', 'query.invalid', '#/query/filter[nothing][eq]'],
    ['filter[constructor][eq]=1', 'query.invalid', '#/query/filter[constructor][eq]'],
    ['filter[code][gt]=1', 'query.invalid', '#/query/filter[code][gt]'],
    ['filter[type][eq]=OTHER', 'query.invalid', '#/query/filter[type][eq]'],
    ['filter[id][eq]=5', 'query.invalid', '#/query/filter[id][eq]'],
    ['filter[leadTimeDays][eq]=9007199254740993', 'query.invalid', '#/query/filter[leadTimeDays][eq]'],
    ['filter[standardCost][lt]=1e5', 'query.invalid', '#/query/filter[standardCost][lt]'],
    ['filter[updatedAt][lt]=2026-02-30T00:00:00Z', 'query.invalid', '#/query/filter[updatedAt][lt]'],
    ['filter=x', 'query.invalid', '#/query/filter'],
    ['sort=code', 'query.invalid', '#/query/sort'],
    ['sort=id,-id', 'query.invalid', '#/query/sort'],
    ['sort=__proto__', 'query.invalid', '#/query/sort'],
    ['expand=everything', 'query.invalid', '#/query/expand'],
    ['fields=a..b', 'query.invalid', '#/query/fields'],
    ['asOf=yesterday', 'query.invalid', '#/query/asOf'],
    ['code=%E0%A4%A', 'url.encoding', '#/query/code'],
    ['code=%ff', 'url.encoding', '#/query/code'],
  ])('refuses %s as %s', (query, code, pointer) => {
    const error = refusal(query);
    expect(error.code).toBe(code);
    expect(error.status).toBe(400);
    expect(error.errors.map((each) => each.pointer)).toContain(pointer);
  });

  it('[SEC2] refuses control characters with 422 and a pointer', () => {
    expect(refusal('code=a%00b')).toMatchObject({ status: 422, errors: [{ pointer: '#/query/code', code: 'text.control-character' }] });
  });

  it('[SEC9] reads at most 100 parameters', () => {
    const many = Array.from({ length: 101 }, (_, i) => `p${i}=1`).join('&');
    expect(refusal(many).code).toBe('query.too-many-parameters');
  });

  it('[SEC2] brings text to NFC', () => {
    expect(parseListQuery(`code=${encodeURIComponent('u\u0308')}`, spec).extra.code).toBe('ü');
  });

  it('escapes what SQL LIKE would read in a pattern', () => {
    const like = (text: string) => parseListQuery(`filter[code][like]=${encodeURIComponent(text)}`, spec).filters[0]!.values[0];
    expect(like('ACT-*')).toBe('ACT-%');
    expect(like('50%_\\')).toBe('%50\\%\\_\\\\%');
  });

  it('answers any text with a query or an AppError, never with anything else', () => {
    const piece = fc.constantFrom('filter', '[', ']', 'code', 'eq', 'in', '=', '&', 'sort', '-', ',', 'limit', "'", '%27', '%00', '%', ';', '--', '0', 'é');
    fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      try {
        const { limit, filters } = parseListQuery(pieces.join(''), spec);
        expect(limit).toBeGreaterThan(0);
        for (const { field, op } of filters) expect(spec.fields[field]!.ops).toContain(op);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        expect([400, 422]).toContain((error as AppError).status);
      }
    }), { numRuns: 2_000 });
  });

  it('reads a single record without list parameters', () => {
    expect(parseRecordQuery('include=local', { includes: ['local'] })).toEqual({ expand: [], include: ['local'], extra: {} });
    expect(() => parseRecordQuery('limit=5', {})).toThrow(AppError);
    expect(() => parseRecordQuery('knownAt=2026-03-04T14:00:00Z', { without: ['knownAt'] })).toThrow(AppError);
  });
});

describe('cursors', () => {
  const old = { id: 'k1', secret: Buffer.alloc(32, 1) };
  const current = { id: 'k2', secret: Buffer.alloc(32, 2) };
  let now = 1_000_000_000_000;
  const signer = new CursorSigner([current, old], () => now);
  const scope = listScope('participant-a', parseListQuery('sort=-updatedAt', spec));

  const refused = (text: string, kind = 'items', where = scope): void =>
    expect(() => signer.verify(kind, where, text)).toThrow(expect.objectContaining({ status: 400, code: 'cursor.invalid' }));

  it('gives back what was signed, also under an older key', () => {
    const position = { after: ['2026-03-04T14:00:00Z', 'id-1'] };
    expect(signer.verify('items', scope, signer.sign('items', scope, position, 60))).toEqual(position);
    const before = new CursorSigner([old], () => now).sign('items', scope, position, 60);
    expect(signer.verify('items', scope, before)).toEqual(position);
  });

  it('[SEC10] refuses a foreign cursor: other participant, other filter, other list', () => {
    const text = signer.sign('items', scope, 1, 60);
    refused(text, 'items', listScope('participant-b', parseListQuery('sort=-updatedAt', spec)));
    refused(text, 'items', listScope('participant-a', parseListQuery('sort=updatedAt', spec)));
    refused(text, 'boms');
  });

  it('[SEC10] refuses an expired cursor', () => {
    const text = signer.sign('items', scope, 1, 60);
    now += 62_000;
    refused(text);
  });

  it('[SEC10] refuses every forged cursor', () => {
    const bytes = Buffer.from(signer.sign('items', scope, { row: 17 }, 60), 'base64url');
    fc.assert(fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const forged = Buffer.from(bytes);
      forged[at] = forged[at]! ^ change;
      refused(forged.toString('base64url'));
    }));
    const stranger = new CursorSigner([{ id: 'k2', secret: Buffer.alloc(32, 9) }], () => now);
    for (const text of ['', 'x', '%00', 'A'.repeat(5_000), stranger.sign('items', scope, 1, 60)]) refused(text);
  });

  it('stays below 1 kB', () => {
    expect(() => signer.sign('items', scope, 'x'.repeat(1_000), 60)).toThrow(RangeError);
    expect(signer.sign('items', scope, 'x'.repeat(500), 60)).toMatch(/^[\w-]{1,1024}$/);
  });
});
