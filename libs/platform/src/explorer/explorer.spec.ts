import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graphqlTestApp, type GraphqlTestApp } from '../graphql/graphql-app.fixture.js';
import { registerApiDocs } from './swagger-page.js';

let test: GraphqlTestApp;
let app: NestFastifyApplication;

beforeAll(async () => {
  const examples = [{ title: 'One <item> & "more"', query: '{ item(code: "I1") { code } }', variables: { a: 1 } }];
  test = await graphqlTestApp({
    explorer: { examples },
    beforeListen: (fastify) => registerApiDocs(fastify),
  });
  app = test.app;
});
afterAll(async () => { await test?.app.close(); });

const get = (url: string, accept = 'text/html,application/xhtml+xml,*/*;q=0.8') => app.inject({ method: 'GET', url, headers: { accept } });

/** Every address that a browser would load for this page. */
const references = (html: string): string[] => [...html.matchAll(/<(?:script|link|img)[^>]*?(?:src|href)="([^"]*)"/g)].map((match) => match[1]!);

describe.each([
  ['GraphiQL', '/graphql', 6],
  ['Swagger UI', '/docs', 3],
])('%s', (_name, url, assets) => {
  it('loads local assets only, and each is there', async () => {
    const page = await get(url);
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-type']).toContain('text/html');
    const local = references(page.body).filter((reference) => reference !== 'data:,');
    expect(local).toHaveLength(assets);
    for (const reference of local) {
      expect(reference).toMatch(/^\/[a-z]+\/assets\/[a-z.-]+$/);
      const asset = await get(reference, '*/*');
      expect([reference, asset.statusCode]).toEqual([reference, 200]);
      expect(asset.headers['content-type']).toMatch(reference.endsWith('.css') ? /^text\/css/ : /^text\/javascript/);
      expect(asset.rawPayload.length).toBeGreaterThan(100);
      // Styles may load fonts and images: only such as stand in the sheet itself.
      if (reference.endsWith('.css')) expect(asset.body).not.toMatch(/(?:url\(\s*["']?|@import\s+["'])(?:https?:)?\/\//);
    }
  });

  it('forbids scripts in the page, foreign addresses and frames', async () => {
    const page = await get(url);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(page.body).not.toMatch(/https?:\/\//);
    expect(page.body).not.toMatch(/<script(?![^>]*src=)/);
  });
});

describe('GraphiQL', () => {
  it('carries its examples as data', async () => {
    const { body } = await get('/graphql');
    expect(body).not.toContain('One <item>');
    const settings = /data-settings="([^"]*)"/.exec(body)![1]!.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
    expect(JSON.parse(settings)).toMatchObject({ endpoint: '/graphql', tokenPath: '/oauth/token', examples: [{ title: 'One <item> & "more"' }] });
  });

  it('is for browsers: programs and queries get data', async () => {
    expect((await get('/graphql', 'application/json')).headers['content-type']).toContain('application/json');
    expect((await get('/graphql?query=%7B__typename%7D')).headers['content-type']).toContain('application/json');
  });
});
