import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeConfig } from '@datum/platform';
import { ServerProcess } from '../support/server-process.js';
import { testDatabase, type TestDatabase } from '../support/test-database.js';

const root = path.resolve(import.meta.dirname, '../..');
const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/```sh tour\n([\s\S]*?)```/g)].map((match) => match[1]!);

let db: TestDatabase;
let home: string;
let server: ServerProcess;
beforeAll(async () => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'datum-tour-'));
  db = await testDatabase({ empty: true });
  server = await ServerProcess.start({ home, databaseUrl: db.url });
});
afterAll(async () => {
  await server?.stop();
  await db?.close();
  fs.rmSync(home, { recursive: true, force: true });
});

/** Runs the blocks one after the other in one shell, as a person pastes them, and gives what each printed. */
async function runTour(): Promise<string[]> {
  const mark = '--- next block ---';
  const script = `set -euo pipefail\n${blocks.join(`\necho '${mark}'\n`)}`;
  const shell = spawn('bash', ['-c', script], { cwd: home, env: { PATH: process.env.PATH, BASE: server.url, SECRETS: path.join(home, 'credentials.json') } });
  let output = '';
  let errors = '';
  shell.stdout.on('data', (data: Buffer) => { output += data.toString(); });
  shell.stderr.on('data', (data: Buffer) => { errors += data.toString(); });
  const code = await new Promise((resolve) => shell.once('close', resolve));
  expect(code, `${output}\n${errors}\n${server.log}`).toBe(0);
  return output.split(`${mark}\n`);
}

describe('the README', () => {
  it('shows a tour that works as it stands there', async () => {
    expect(blocks).toHaveLength(7);
    const [, found, read, graphql, refused, wish, happened] = await runTour();
    const [row] = (JSON.parse(found!) as { data: { code: string; local: { system: string; code: string }[] }[] }).data;
    expect(row!.code).toBe('ACT-500');
    expect(row!.local.map(({ system, code }) => `${system} ${code}`)).toContain('CLD-EU 5001-A');
    expect(read).toMatch(/^datum-freshness: fresh; as-of="[^"]+"; system="CE"/m);
    expect(read).toMatch(/^etag: "v\d+"/m);
    expect(read!.trim().endsWith('304'), read).toBe(true);
    expect(JSON.parse(graphql!)).toMatchObject({ data: { itemsByLocalKey: [{ code: 'ACT-500', standardCost: { amount: '130.153', currency: 'USD' } }] } });
    const [sentence, ...problem] = refused!.split('\n');
    expect(sentence).toBe('CE decides the identity of item records at every site, since 2026-01-01.');
    expect(JSON.parse(problem.join('\n'))).toMatchObject({ status: 403, code: 'ownership.violation', owner: 'CE' });
    expect(wish!.trim().split('\n')).toEqual(['succeeded', 'Actuator 500 mm, 24 V']);
    expect(happened).toMatch(/^\d+ \S+ description$/m);
  }, 90_000);

  it('names every variable, as the program does', () => {
    const table = /<!-- configuration -->\n([\s\S]*?)<!-- \/configuration -->/.exec(readme)?.[1];
    expect(table?.trim(), 'paste what describeConfig() gives').toBe(describeConfig().trim());
  });

  it('leads nowhere that is not there', () => {
    const texts = [readme, ...fs.readdirSync(path.join(root, 'docs/guides')).map((name) => fs.readFileSync(path.join(root, 'docs/guides', name), 'utf8'))];
    expect(texts.length).toBeGreaterThan(4);
    const links = [...readme.matchAll(/\]\(((?!https?:)[^)#]+)\)/g)].map((match) => match[1]!);
    expect(links.filter((link) => !fs.existsSync(path.join(root, link)))).toEqual([]);
    const scripts = Object.keys((JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { scripts: object }).scripts);
    const named = texts.flatMap((text) => [...text.matchAll(/npm run (?:--silent )?([a-z:]+)/g)].map((match) => match[1]!));
    expect([...new Set(named)].filter((name) => !scripts.includes(name))).toEqual([]);
  });
});
