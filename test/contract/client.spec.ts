import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import openapiTypes, { astToString } from 'openapi-typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayContext } from '@datum/platform';
import { ParticipantService } from '@datum/registry';
import { testGateway, type TestGateway } from '../support/gateway.js';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');
const programs = ['vendor', 'mistakes'];

let gateway: TestGateway;
let directory: string;
let base: string;
beforeAll(async () => {
  gateway = await testGateway();
  await gateway.app.listen(0, '127.0.0.1');
  base = (await gateway.app.getUrl()).replace('[::1]', '127.0.0.1');
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'datum-client-'));
  await fs.symlink(path.join(root, 'node_modules'), path.join(directory, 'node_modules'));
  await fs.writeFile(path.join(directory, 'package.json'), '{"type":"module"}');
  for (const name of programs) await fs.copyFile(path.join(import.meta.dirname, 'client', `${name}.ts.txt`), path.join(directory, `${name}.ts`));
});
afterAll(async () => {
  await gateway?.close();
  await fs.rm(directory, { recursive: true, force: true });
});

async function credential(systemCode: string, scopes: string[]): Promise<{ clientId: string; clientSecret: string }> {
  return gateway.app.get(ParticipantService).addParticipant(gatewayContext(), { name: `client-${systemCode}`, systemCode, state: 'live', credential: { kind: 'live', scopes } });
}

describe('a client generated from the published document', () => {
  it('[S25] compiles under strict rules, and refuses what the document does not allow', async () => {
    const answer = await fetch(`${base}/openapi/v1.json`);
    const types = await openapiTypes(await answer.text());
    await fs.writeFile(path.join(directory, 'v1.d.ts'), astToString(types));
    const flags = ['--strict', '--target', 'ES2023', '--module', 'nodenext', '--skipLibCheck', '--noUnusedLocals', '--types', 'node', '--lib', 'ES2023,DOM,DOM.Iterable'];
    const compiled = await run(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), ...flags, ...programs.map((name) => `${name}.ts`)], { cwd: directory })
      .catch((error: { stdout: string }) => ({ stdout: error.stdout }));
    expect(compiled.stdout).toBe('');
  }, 120_000);

  it('[S25] runs against the gateway', async () => {
    const owner = await credential('CE', ['item.read', 'item.write']);
    const vendor = await credential('PLN', ['item.read', 'item.write']);
    const { stdout } = await run(process.execPath, [path.join(directory, 'vendor.js')], { env: {
      PATH: process.env.PATH, BASE: base, OWNER_ID: owner.clientId, OWNER_SECRET: owner.clientSecret, VENDOR_ID: vendor.clientId, VENDOR_SECRET: vendor.clientSecret,
    } });
    expect(JSON.parse(stdout)).toEqual({
      created: 201, cost: '130.153', notModified: 304, refused: { status: 403, code: 'ownership.violation', owner: 'CE' },
      changed: { en: 'Actuator 500 mm, 24 V' }, batch: ['created', 'created'], codes: ['ACT-501', 'ACT-502'], invalid: 422,
      sentence: 'CE decides the identity of item records at every site, since 2026-01-01.',
    });
  }, 60_000);
});
