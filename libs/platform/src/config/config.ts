import { readFileSync } from 'node:fs';
import type { Variable } from './variable.js';
import { variables, type VariableKey } from './variables.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The whole configuration, validated. Nothing else in the product reads the environment. */
export interface DatumConfig {
  port: number;
  host: string;
  /** Directory for what is kept outside the database. */
  home: string;
  /** Undefined: run the embedded PostgreSQL. */
  databaseUrl?: string;
  /** Without a trailing slash. */
  publicUrl: string;
  logLevel: LogLevel;
  poolMax: number;
  clock: { mode: 'real' | 'sim'; start: string };
  /** An outside token issuer that is trusted beside our own. */
  oidc?: { issuer: string; audience: string; jwksUrl: string };
  rateLimit: { clientPerMinute: number; anonymousPerMinute: number; eventLoopDelayMaxMs: number };
  graphqlCostMax: number;
  cacheEntriesMax: number;
  otlpEndpoint?: string;
  simUrl?: string;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** The configuration cannot be used. The message names every problem at once. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration has ${problems.length} problem(s):\n${problems.map((line) => `  - ${line}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

type Values = { [K in VariableKey]: (typeof variables)[K] extends Variable<infer T> ? T : never };

/**
 * Reads and validates the configuration.
 * @param env the process environment, or a test's own
 * @throws ConfigError naming every variable that is wrong or unknown, what is wrong with it, and a value that would do
 */
export function loadConfig(env: Environment): DatumConfig {
  const problems: string[] = [];
  const values = {} as Record<VariableKey, unknown>;
  for (const [key, variable] of Object.entries(variables) as [VariableKey, Variable<unknown>][]) {
    values[key] = valueOf(variable, env, problems);
  }
  const read = values as Values;
  problems.push(...unknownNames(env), ...incompleteOidc(env));
  if (problems.length > 0) throw new ConfigError(problems);
  return toConfig(read);
}

function valueOf(variable: Variable<unknown>, env: Environment, problems: string[]): unknown {
  const raw = rawOf(variable, env, problems) ?? variable.fallback;
  if (raw === undefined) return undefined;
  const parsed = variable.schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const shown = variable.secret ? 'the value (not shown)' : JSON.stringify(raw.slice(0, 80));
  problems.push(`${variable.name}: ${shown} is not ${variable.expects}. Example: ${variable.name}=${variable.example}`);
  return undefined;
}

/** The text of a variable, from the environment or, for a secret, from the file its `_FILE` twin names. Empty means unset. */
function rawOf({ name, secret }: Variable<unknown>, env: Environment, problems: string[]): string | undefined {
  const direct = env[name] || undefined;
  const file = secret ? env[`${name}_FILE`] || undefined : undefined;
  if (file === undefined) return direct;
  if (direct !== undefined) {
    problems.push(`${name} and ${name}_FILE are both set; keep one of them. Example: ${name}_FILE=/run/secrets/${name.toLowerCase()}`);
    return undefined;
  }
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    problems.push(`${name}_FILE: the file ${JSON.stringify(file)} cannot be read (${code}). Example: ${name}_FILE=/run/secrets/${name.toLowerCase()}`);
    return undefined;
  }
}

/** A misspelt DATUM_ variable would otherwise be ignored in silence, and its default used. */
function unknownNames(env: Environment): string[] {
  const known = Object.values(variables).flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name]));
  const unknown = Object.keys(env).filter((name) => name.startsWith('DATUM_') && !known.includes(name));
  return unknown.sort().map((name) => {
    const near = nearest(name, known);
    return `${name} is not a variable of Datum.${near ? ` Did you mean ${near}?` : ' Remove it.'}`;
  });
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known.map((candidate) => ({ candidate, distance: editDistance(name, candidate) }));
  const best = ranked.sort((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= 4 ? best.candidate : undefined;
}

/** Levenshtein distance. Names are short, so the quadratic table is fine; longer than 64 characters is never near. */
function editDistance(a: string, b: string): number {
  if (a.length > 64) return Infinity;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

function incompleteOidc(env: Environment): string[] {
  const { oidcIssuer, oidcAudience, oidcJwksUrl } = variables;
  const all = [oidcIssuer, oidcAudience, oidcJwksUrl];
  const missing = all.filter(({ name }) => !env[name]);
  if (missing.length === 0 || missing.length === all.length) return [];
  return missing.map(({ name, example }) =>
    `${name} is missing: the three DATUM_OIDC_* variables are set together. Example: ${name}=${example}`);
}

function toConfig(read: Values): DatumConfig {
  const { oidcIssuer, oidcAudience, oidcJwksUrl, clientPerMinute, anonymousPerMinute, eventLoopDelayMaxMs } = read;
  return {
    port: read.port,
    host: read.host,
    home: read.home,
    databaseUrl: read.databaseUrl,
    publicUrl: read.publicUrl ?? `http://${reachableHost(read.host)}:${read.port}`,
    logLevel: read.logLevel,
    poolMax: read.poolMax,
    clock: { mode: read.clockMode, start: read.clockStart },
    oidc: oidcIssuer && oidcAudience && oidcJwksUrl
      ? { issuer: oidcIssuer, audience: oidcAudience, jwksUrl: oidcJwksUrl }
      : undefined,
    rateLimit: { clientPerMinute, anonymousPerMinute, eventLoopDelayMaxMs },
    graphqlCostMax: read.graphqlCostMax,
    cacheEntriesMax: read.cacheEntriesMax,
    otlpEndpoint: read.otlpEndpoint,
    simUrl: read.simUrl,
  };
}

/** An address callers on this machine can use: "any address" is none, and IPv6 needs brackets. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

/** The table of every variable, as Markdown, for the README. */
export function describeConfig(): string {
  const rows = (Object.values(variables) as Variable<unknown>[]).map((variable) => {
    const name = variable.secret ? `\`${variable.name}\` or \`${variable.name}_FILE\`` : `\`${variable.name}\``;
    const fallback = variable.fallback === undefined ? '' : `\`${variable.fallback}\``;
    return `| ${name} | ${variable.expects} | ${fallback} | ${variable.about} |`;
  });
  return ['| variable | value | default | what it does |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}
