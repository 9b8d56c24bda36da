import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors/app-error.js';
import { parseJsonBody, parseJsonText } from './json-body.js';
import { asAppError, toProblem } from './problem.js';

function refusal(body: string | Uint8Array): AppError {
  try {
    parseJsonBody(typeof body === 'string' ? Buffer.from(body) : body);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('accepted');
}

const answerBytes = (error: AppError): number => Buffer.byteLength(JSON.stringify(toProblem(asAppError(error), '/v1/items', 'r')));

describe('parseJsonBody', () => {
  it('agrees with JSON.parse on everything that JSON.stringify writes', () => {
    const value = fc.jsonValue({ maxDepth: 6, noUnicodeString: false });
    let accepted = 0;
    fc.assert(fc.property(value, fc.constantFrom(undefined, 2, '\t'), (json, space) => {
      const text = JSON.stringify(json, null, space);
      try {
        expect(parseJsonText(text)).toEqual(JSON.parse(text.normalize('NFC')));
        accepted += 1;
      } catch (error) {
        // Refused only for what the policy forbids: large or minus-zero numbers and such; never as malformed.
        if (!(error instanceof AppError)) throw error;
        expect(['request.invalid', 'body.forbidden-key', 'body.duplicate-key']).toContain(error.code);
      }
    }), { seed: 7, numRuns: 200 });
    expect(accepted).toBeGreaterThan(60);
  });

  it('agrees with JSON.parse on what is not JSON', () => {
    const piece = fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"b"', '1', '-', '0', '.', 'e', 'true', 'null', ' ', '\n', '"', '\\u00e9', '\\');
    fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      let accepted = true;
      try {
        JSON.parse(text);
      } catch {
        accepted = false;
      }
      if (!accepted) expect(refusal(text).status).toBe(400);
      else expect(() => parseJsonText(text)).not.toThrow(SyntaxError);
    }), { numRuns: 3_000 });
  });

  it('[SEC1] takes 32 levels and refuses 33, and 200,000 brackets, with 400', () => {
    expect(parseJsonText('['.repeat(32) + ']'.repeat(32))).toBeDefined();
    expect(refusal('['.repeat(33) + ']'.repeat(33))).toMatchObject({ status: 400, code: 'body.too-deep' });
    expect(refusal('['.repeat(200_000))).toMatchObject({ status: 400, code: 'body.too-deep' });
    expect(refusal('{"a":'.repeat(100_000))).toMatchObject({ status: 400, code: 'body.too-deep' });
  });

  it('[SEC1] refuses 80,000 keys in 1 MB at once, with a small answer', () => {
    const body = Buffer.from(`{${Array.from({ length: 80_000 }, (_, i) => `"key${i}":${i}`).join(',')}}`);
    const started = performance.now();
    const error = refusal(body);
    // The bound is 100 ms; defence bounds are asserted at ten times their figure.
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(error).toMatchObject({ status: 400, code: 'body.too-many-keys' });
    expect(answerBytes(error)).toBeLessThan(8_192);
  });

  it('[SEC9] caps keys of an object at 1,000 and of a body at 10,000, numeric-like ones too', () => {
    const object = (keys: number): string => `{${Array.from({ length: keys }, (_, i) => `"${i}":1`).join(',')}}`;
    expect(Object.keys(parseJsonText(object(1_000)) as object)).toHaveLength(1_000);
    expect(refusal(object(1_001)).code).toBe('body.too-many-keys');
    expect(parseJsonText(`[${Array(10).fill(object(1_000)).join(',')}]`)).toHaveLength(10);
    expect(refusal(`[${Array(10).fill(object(1_000)).join(',')},{"a":1}]`).code).toBe('body.too-many-keys');
  });

  it.each(['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"ü":1,"u\u0308":2}'])('[SEC1] refuses the duplicate key of %s', (body) => {
    expect(refusal(body)).toMatchObject({ status: 400, code: 'body.duplicate-key' });
  });

  it.each(['{"__proto__":{"polluted":1}}', '{"a":{"constructor":{"prototype":{"polluted":1}}}}', '{"\\u005f_proto__":1}', '{"prototype":1}'])(
    '[SEC1] refuses %s and leaves Object.prototype alone', (body) => {
      expect(refusal(body)).toMatchObject({ status: 400, code: 'body.forbidden-key' });
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    });

  it('[SEC2] refuses invalid UTF-8 with 400', () => {
    for (const bytes of [[0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0x22, 0xe2, 0x82, 0x22]]) {
      expect(refusal(Uint8Array.from(bytes))).toMatchObject({ status: 400, code: 'body.not-utf8' });
    }
  });

  it.each([
    ['{"a":["x","b\\u0000"]}', '#/a/1', 'text.control-character'],
    ['{"a":"\\u001b[31m"}', '#/a', 'text.control-character'],
    ['{"a":"x\u0000y"}', '#/a', 'text.control-character'],
    ['{"a":{"b/c":"\\ud800"}}', '#/a/b~1c', 'text.lone-surrogate'],
    ['{"a":"\\udc00\\ud800"}', '#/a', 'text.lone-surrogate'],
    ['"\\u0007"', '#', 'text.control-character'],
    ['{"k\\u0000":1}', '#/', 'text.control-character'],
  ])('[SEC2] refuses %j with 422 at %s', (body, pointer, code) => {
    expect(refusal(body)).toMatchObject({ status: 422, errors: [{ pointer, code }] });
  });

  it('[SEC2] keeps tab and line breaks, pairs of surrogates, and brings text and keys to NFC', () => {
    expect(parseJsonText('"a\\t\\n\\r😀\\ud83d\\ude00"')).toBe('a\t\n\r😀😀');
    expect(parseJsonText('{"u\u0308":"A\u030a"}')).toEqual({ ü: 'Å' });
  });

  it.each(['9007199254740993', '9007199254740992', '-9007199254740993', '9223372036854775808', '1e400', '1e100000', '-1e400', '1e-400',
    'NaN', 'Infinity', '-Infinity', '-0', '-0.0', '0.30000000000000004440892098500626', '123456789012345678901234.567891',
    '1.00000000000000000001'])('[SEC3] refuses the number %s with 422 and a pointer', (token) => {
    expect(refusal(`{"price":[${token}]}`)).toMatchObject({ status: 422, errors: [{ pointer: '#/price/0' }] });
  });

  it('[SEC2] refuses more than 30 marks on a character, which NFC would sort for minutes', () => {
    const marks = (count: number): string => `a${'\u0308\u0323'.repeat(count / 2)}`;
    expect(parseJsonText(JSON.stringify(marks(30)))).toBe(marks(30).normalize('NFC'));
    const started = performance.now();
    expect(refusal(JSON.stringify({ a: marks(500_000) }))).toMatchObject({ status: 422, errors: [{ pointer: '#/a', code: 'text.too-many-marks' }] });
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('[SEC1] refuses more than 100,000 values', () => {
    expect(parseJsonText(`[${Array(99_999).fill('1').join(',')}]`)).toHaveLength(99_999);
    expect(refusal(`[${Array(100_000).fill('1').join(',')}]`)).toMatchObject({ status: 400, code: 'body.too-many-values' });
  });

  it('[SEC3] passes a number only when the double is the number written', () => {
    expect(parseJsonText('[0,-1,12.50,0.1,1e3,1E-7,9007199254740991,0.30000000000000004]'))
      .toEqual([0, -1, 12.5, 0.1, 1_000, 1e-7, Number.MAX_SAFE_INTEGER, 0.30000000000000004]);
    const token = fc.tuple(fc.integer({ min: -999_999, max: 999_999 }), fc.integer({ min: 0, max: 9 }))
      .map(([value, scale]) => (value / 10 ** scale).toFixed(scale));
    fc.assert(fc.property(token, (text) => {
      fc.pre(Number(text) !== 0);
      expect((parseJsonText(text) as number).toFixed(text.split('.')[1]?.length ?? 0)).toBe(text);
    }));
  });

  it('reports at most 50 problems in at most 8 kB', () => {
    const key = 'k'.repeat(500);
    const error = refusal(`{"${key}":[${Array(20_000).fill('"\\u0000"').join(',')}]}`);
    expect(error.errors).toHaveLength(50);
    expect(answerBytes(error)).toBeLessThan(8_192);
  });
});
