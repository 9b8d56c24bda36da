import os from 'node:os';
import path from 'node:path';
import type { TestGateway } from '../../support/gateway.js';

/** What no answer may show, whatever was sent: the inside of the process, of the database and of the machine. */
const inside: Record<string, RegExp> = {
  'stack trace': /\n? {2,}at .{1,200}(?:\(|:)\S+:\d+:\d+|\bat (?:async )?[\w.<>]+ \(/,
  'source file': /\b[\w-]+\.(?:ts|js|mjs|cjs):\d+|node_modules|file:\/\//,
  SQL: /\b(?:SELECT .{1,200} FROM |INSERT INTO |DELETE FROM |UPDATE \w+ SET |json_populate_recordset|pg_advisory)/,
  'database message': /relation "|column "|constraint "|syntax error at|invalid input syntax|duplicate key value|violates |SQLSTATE|::(?:uuid|json|text)\b/,
  'inner host': /\b(?:localhost|127\.0\.0\.1|0\.0\.0\.0):\d{2,5}|ECONNREFUSED|ENOTFOUND|postgres(?:ql)?:\/\//,
};

export interface Leak { what: string; request: string; status: number; text: string }

/** Reads every answer of this gateway's in-process calls and keeps what should not have been in it. */
export class ErrorHygiene {
  readonly leaks: Leak[] = [];
  /** Answers of the 5xx kind: a suite of refusals must not have one. */
  readonly serverErrors: Leak[] = [];
  answers = 0;
  private readonly patterns: [string, RegExp][];

  constructor(gateway: TestGateway, tables: readonly string[]) {
    const paths = [process.cwd(), os.tmpdir(), os.homedir(), path.resolve('/')].filter((each) => each.length > 1).map(escaped);
    const names = tables.filter((table) => table.includes('_')).map(escaped);
    this.patterns = [
      ...Object.entries(inside), ['file path', new RegExp(paths.join('|'))],
      ...(names.length > 0 ? [['table name', new RegExp(`\\b(?:${names.join('|')})\\b`)] as [string, RegExp]] : []),
    ];
    const adapter = gateway.app.getHttpAdapter() as unknown as { inject: unknown };
    const inject = (adapter.inject as (options: unknown) => Promise<{ statusCode: number; body: string }>).bind(adapter);
    adapter.inject = (async (options: { method: string; url: string }) => {
      const response = await inject(options);
      this.read(`${options.method} ${options.url}`.slice(0, 200), response.statusCode, response.body);
      return response;
    });
  }

  /** Also for answers that came over a socket. */
  read(request: string, status: number, text: string): void {
    this.answers += 1;
    const isRefusal = status >= 400 || text.includes('"errors"');
    if (status >= 500) this.serverErrors.push({ what: 'server error', request, status, text: text.slice(0, 400) });
    if (!isRefusal) return;
    for (const [what, pattern] of this.patterns) {
      if (pattern.test(text)) this.leaks.push({ what, request, status, text: text.slice(0, 400) });
    }
  }
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
