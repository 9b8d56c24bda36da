import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, describeConfig, loadConfig, type Environment } from './config.js';
import { variables } from './variables.js';

const problemsOf = (env: Environment): readonly string[] => {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('loadConfig', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'datum-config-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('starts with an empty environment', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      port: 4000, host: '127.0.0.1', home: '.datum', publicUrl: 'http://127.0.0.1:4000',
      clock: { mode: 'real', start: '2026-03-04T14:00:00Z' },
    });
    expect(config.databaseUrl).toBeUndefined();
    expect(config.oidc).toBeUndefined();
  });

  it('names every problem at once, with an example each', () => {
    const problems = problemsOf({
      PORT: '70000', DATUM_POOL_MAX: '0x10', DATUM_LOG_LEVEL: 'loud', DATUM_PUBLIC_URL: 'ftp://x', DATUM_CLOCK_START: 'noon',
      DATUM_OIDC_ISSUER: 'https://login.example', DATUM_LOG_LEVL: 'info',
    });
    expect(problems).toHaveLength(8);
    expect(problems).toContain('PORT: "70000" is not a whole number from 0 to 65535. Example: PORT=4000');
    expect(problems).toContain('DATUM_LOG_LEVL is not a variable of Datum. Did you mean DATUM_LOG_LEVEL?');
    for (const name of ['DATUM_POOL_MAX', 'DATUM_LOG_LEVEL', 'DATUM_PUBLIC_URL', 'DATUM_CLOCK_START', 'DATUM_OIDC_AUDIENCE', 'DATUM_OIDC_JWKS_URL']) {
      expect(problems.filter((line) => line.startsWith(`${name}`) && line.includes(`Example: ${name}=`)), name).toHaveLength(1);
    }
  });

  it('has only examples and defaults that are accepted', () => {
    const env = Object.fromEntries(Object.values(variables).map(({ name, example }) => [name, example]));
    expect(problemsOf(env)).toEqual([]);
  });

  it('never prints a secret, wherever it came from', () => {
    const file = join(directory, 'url');
    writeFileSync(file, 'mysql://root:hunter2@db\n');
    const messages = [...problemsOf({ DATABASE_URL: 'mysql://root:hunter2@db' }), ...problemsOf({ DATABASE_URL_FILE: file })];
    expect(messages).toHaveLength(2);
    expect(messages.join()).not.toContain('hunter2');
  });

  it('reads a secret from a file, and refuses two sources or a missing file', () => {
    const file = join(directory, 'good');
    writeFileSync(file, 'postgres://datum:pw@db.example/datum\n');
    expect(loadConfig({ DATABASE_URL_FILE: file }).databaseUrl).toBe('postgres://datum:pw@db.example/datum');
    expect(problemsOf({ DATABASE_URL_FILE: file, DATABASE_URL: 'postgres://x/y' })[0]).toContain('both set');
    expect(problemsOf({ DATABASE_URL_FILE: join(directory, 'absent') })[0]).toContain('ENOENT');
  });

  it('treats empty as unset and makes a public URL that can be called', () => {
    expect(loadConfig({ PORT: '', HOST: '::', DATUM_PUBLIC_URL: '' }).publicUrl).toBe('http://localhost:4000');
    expect(loadConfig({ DATUM_PUBLIC_URL: 'https://datum.example/' }).publicUrl).toBe('https://datum.example');
  });

  it('describes every variable in a Markdown table', () => {
    const table = describeConfig();
    for (const { name } of Object.values(variables)) expect(table).toContain(`| \`${name}\``);
    expect(table.trim().split('\n')).toHaveLength(Object.keys(variables).length + 2);
  });
});
