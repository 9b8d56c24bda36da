import { beforeEach, afterEach, describe, expect, it } from 'vitest';
import { gatewayContext } from '../context/request-context.js';
import { AppError, notFound } from '../errors/app-error.js';
import { problemLogEntry } from '../http/problem-log.js';
import { logError } from './log-error.js';
import { logProblem } from './log-problem.js';
import { createLogger, lineBytesMax, logger, useLogger, type Logger } from './log.js';
import { NestLogger } from './nest-logger.js';
import { safeText } from './safe-record.js';

const esc = String.fromCharCode(27);
const csi = String.fromCharCode(0x9b);
const lineSeparator = String.fromCharCode(0x2028);
const evil = `ok\r\n{"level":"fatal","msg":"forged"}\n${esc}[2J${csi}31m${lineSeparator}\u0000`;
const canary = 'canary-7f3a9';

describe('the log', () => {
  let written: string[];
  let before: Logger;
  beforeEach(() => {
    written = [];
    before = useLogger(createLogger({ level: 'debug', destination: { write: (line) => written.push(line) } }));
  });
  afterEach(() => {
    useLogger(before);
  });

  /** The one record written; fails when it is not exactly one JSON line of at most 16 kB without control characters. */
  const onlyRecord = (): Record<string, unknown> => {
    expect(written).toHaveLength(1);
    const [line = ''] = written;
    expect(line.endsWith('\n')).toBe(true);
     
    expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(lineBytesMax);
    return JSON.parse(line) as Record<string, unknown>;
  };

  it('[SEC14] writes one line whatever stands in message, value, key or child field', () => {
    logger().child({ requestId: evil, level: 'fatal' }).info({ [evil]: evil, deep: { list: [evil] }, level: 'fatal' }, evil);
    const record = onlyRecord();
    expect(record.level).toBe('info');
    expect(record.msg).toContain('forged');
    expect(written[0]!.match(/"level":/g)).toHaveLength(1);
  });

  it.each([
    ['a value', () => logger().info({ header: 'x'.repeat(1_000_000) }, 'm')],
    ['a message', () => logger().info('x'.repeat(1_000_000))],
    ['escapes that grow sixfold', () => logger().info({ header: esc.repeat(1_000_000), b: esc.repeat(9_000) }, esc.repeat(99_999))],
    ['many values', () => logger().info(Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, 'y'.repeat(900)])), 'm')],
    ['a long key', () => logger().info({ ['k'.repeat(1_000_000)]: 1 }, 'm')],
    ['format arguments', () => logger().info('%s %s %j', 'z'.repeat(500_000), '\u4e00'.repeat(500_000), { a: 'q'.repeat(99_999) })],
    ['a child field', () => logger().child({ agent: esc.repeat(1_000_000) }).info({ b: '\u4e00'.repeat(99_999) }, 'm')],
    ['a deep object', () => logger().info({ deep: Array.from({ length: 3_000 }).reduce<object>((inner) => ({ inner }), {}) }, 'm')],
  ])('[SEC14] keeps a line within 16 kB: 1 MB in %s', (_, write) => {
    write();
    expect(onlyRecord().level).toBe('info');
  });

  const secrets: [string, () => void][] = [
    ['headers', () => logger().info({ req: { headers: { Authorization: `Bearer ${canary}`, cookie: `sid=${canary}`, 'x-hub-signature-256': canary } } })],
    ['a raw header list', () => logger().info({ rawHeaders: ['Host', 'x', 'Cookie', `sid=${canary}`, 'Authorization', `Basic ${canary}`] })],
    ['a form body', () => logger().info({ body: `grant_type=client_credentials&client_secret=${canary}&scope=a` })],
    ['a JSON text', () => logger().info({ body: JSON.stringify({ a: 1, password: `pa"ss ${canary}` }) })],
    ['a JSON text in a JSON text', () => logger().info({ body: JSON.stringify(JSON.stringify({ client_secret: canary })) })],
    ['a cut JSON text', () => logger().info({ body: `{"clientSecret":"${canary}` })],
    ['a query string', () => logger().info({ url: `/v1/x?access_token=${canary}&signature=${canary}` })],
    ['a header in a message', () => logger().info(`upstream said Authorization: DPoP ${canary}`)],
    ['a set-cookie in a message', () => logger().info(`got Set-Cookie: a=b; sid=${canary}`)],
    ['a token in a message', () => logger().info(`token eyJhbGciOiJFUzI1NiJ9.${canary}.sig refused`)],
    ['a connection URL', () => logger().error({ err: new Error(`cannot reach postgres://datum:${canary}@db/datum`) })],
    ['a format argument', () => logger().info('sent %s', `client_secret=${canary}`)],
    ['an object argument', () => logger().info('sent %j', { password: canary })],
    ['a child field', () => logger().child({ token: canary }).info('m')],
    ['an error chain', () => void logError(new Error('a', { cause: new Error(`Bearer ${canary}`) }), { refreshToken: canary })],
    ['a map', () => logger().info({ headers: new Map([['authorization', canary]]) })],
    ['Nest details', () => new NestLogger().error('boom', { client_secret: canary }, 'Somewhere')],
    ['a password with colon text', () => logger().info(`password: ${canary}`)],
  ];
  it.each(secrets)('[SEC14] redacts a secret in %s', (_, write) => {
    write();
    onlyRecord();
    expect(written[0]).not.toContain(canary);
    expect(written[0]).toContain('redacted');
  });

  it('leaves harmless values readable', () => {
    logger().info({ signatureValid: true, url: '/v1/items?limit=5', systemCode: 'LEG1', count: 3 }, 'read 3 items');
    expect(onlyRecord()).toMatchObject({ signatureValid: true, url: '/v1/items?limit=5', systemCode: 'LEG1', count: 3, msg: 'read 3 items' });
  });

  it('survives circular values', () => {
    const loop: Record<string, unknown> = { a: 1n };
    loop.self = loop;
    logger().info({ loop }, 'm');
    expect(onlyRecord().loop).toEqual({ a: '1', self: '[circular]' });
  });

  it('logs the whole cause chain once, with the request it belongs to', () => {
    const root = new Error('ECONNREFUSED');
    const error = new Error('cannot save', { cause: new AppError('unavailable', 'database.unreachable', 'no database', { cause: root }) });
    const context = gatewayContext('corr-1');
    const id = logError(error, context);
    expect(logError(error, context)).toBe(id);
    const record = onlyRecord();
    expect(record).toMatchObject({ level: 'error', errorId: id, correlationId: 'corr-1', participant: 'gateway' });
    expect((record.errors as { message: string }[]).map(({ message }) => message)).toEqual(['cannot save', 'no database', 'ECONNREFUSED']);
  });

  it('takes the level of an expected error from the table of kinds and leaves out its stack', () => {
    const error = notFound('item.not-found', 'No such item');
    expect(logError(error)).toBe(error.id);
    const record = onlyRecord();
    expect(record.level).toBe('debug');
    expect(record.errors).toEqual([{ type: 'AppError', message: 'No such item', code: 'item.not-found' }]);
  });

  it('writes what the problem filter reports, at the level of its kind', () => {
    const error = new AppError('unavailable', 'erp.unreachable', 'CE does not answer', { cause: new Error(`Bearer ${canary}`) });
    logProblem(problemLogEntry(error, { id: 'r-1', method: 'GET', route: '/v1/items/:id' }));
    expect(onlyRecord()).toMatchObject({ level: 'warn', msg: 'CE does not answer', errorId: error.id, requestId: 'r-1', status: 503 });
    expect(written[0]).not.toContain(canary);
  });

  it('writes what Nest says, with its source', () => {
    new NestLogger().error('Cannot start', 'Error: x\n    at y', 'NestApplication');
    expect(onlyRecord()).toMatchObject({ level: 'error', msg: 'Cannot start', source: 'nest:NestApplication' });
  });
});

describe('safeText', () => {
  it.each([
    ['word characters', 'a'.repeat(5_000)],
    ['secret words', 'token'.repeat(1_000)],
    ['names without values', 'password="'.repeat(500)],
    ['quotes and backslashes', `"token":"${'\\"'.repeat(1_000)}`],
    ['escaped quotes', `\\"token\\":\\"${'\\\\\\'.repeat(600)}`],
    ['colons', '://a:'.repeat(500)],
    ['spaces', `token${' '.repeat(2_000)}`],
    ['dots', `eyJabcdefgh${'.'.repeat(2_000)}`],
  ])('does not backtrack on %s', (_, text) => {
    const started = performance.now();
    for (let i = 0; i < 10; i += 1) safeText(text);
    // A defence bound: 10 ms for one value, asserted at ten times that.
    expect((performance.now() - started) / 10).toBeLessThan(100);
  });
});
