import fs from 'node:fs';
import path from 'node:path';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { printSchema as printGraphqlSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { printSchema } from '@datum/platform';
import { openApiDocument } from '../../apps/gateway/src/openapi-document.js';
import { testGateway, type TestGateway } from '../support/gateway.js';

/** `npm run contracts` writes the files anew; without it they must be what the running product says. */
const update = process.env.DATUM_UPDATE_CONTRACTS === '1';
const root = path.resolve(import.meta.dirname, '../..');

let gateway: TestGateway;
beforeAll(async () => { gateway = await testGateway(); });
afterAll(async () => { await gateway?.close(); });

function compare(file: string, text: string): void {
  const full = path.join(root, file);
  if (update) fs.writeFileSync(full, text);
  expect(fs.existsSync(full) ? fs.readFileSync(full, 'utf8') : '', `${file} differs from the product: run "npm run contracts" and review the difference`).toBe(text);
}

describe('what is published is what runs', () => {
  it('[S25] openapi/v1.json', () => {
    compare('openapi/v1.json', `${JSON.stringify(openApiDocument(gateway.app), null, 2)}\n`);
  });

  it('openapi/schema.graphql', () => {
    compare('openapi/schema.graphql', `${printGraphqlSchema(gateway.app.get(GraphQLSchemaHost).schema)}\n`);
  });

  it('migrations/schema.sql', async () => {
    compare('migrations/schema.sql', await printSchema(gateway.db.database));
  });

  it('[SEC30] every route that runs stands in the document, and nothing else does', async () => {
    const documented = new Set(Object.entries(openApiDocument(gateway.app).paths).flatMap(([url, item]) =>
      Object.keys(item).filter((method) => ['get', 'post', 'put', 'patch', 'delete'].includes(method)).map((method) => `${method.toUpperCase()} ${url}`)));
    const running = runningRoutes().filter((route) => !pages.some((page) => route.startsWith(page)));
    expect([...running].filter((route) => !documented.has(route)), 'running, but not documented').toEqual([]);
    expect([...documented].filter((route) => !running.includes(route)), 'documented, but not running').toEqual([]);
  });
});

/** Pages and assets for people, and the GraphQL endpoint, which has a contract of its own. */
const pages = ['GET /docs', 'GET /graphql', 'POST /graphql', 'GET /problems', 'GET /openapi/', 'OPTIONS ', 'HEAD '];

function runningRoutes(): string[] {
  const text = (gateway.app.getHttpAdapter().getInstance() as unknown as { printRoutes(options: object): string }).printRoutes({ commonPrefix: false });
  const routes: string[] = [];
  const stack: string[] = [];
  for (const line of text.split('\n')) {
    const match = /^([│ ]*)[├└]── (.*?)(?: \(([A-Z, ]+)\))?$/.exec(line);
    if (!match) continue;
    const depth = match[1]!.length / 4;
    stack.length = depth;
    stack.push(match[2]!);
    for (const method of (match[3] ?? '').split(', ').filter(Boolean)) {
      const url = stack.join('').replace(/:([A-Za-z]+)/g, '{$1}').replace('/~', ':');
      routes.push(`${method} ${url}`);
    }
  }
  return [...new Set(routes)].sort();
}
