import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';

/** A file that a page loads: from an installed package, or written here. */
export interface Asset {
  type: string;
  /** The content, read when it is first asked for and then kept. */
  content: () => Promise<string | Buffer> | string;
}

const require = createRequire(import.meta.url);
const cacheSeconds = 3_600;

/**
 * A file of an installed package.
 * @param owner the package whose dependency it is, when it is none of ours
 */
export function packageFile(name: string, file: string, type: string, owner?: string): Asset {
  const resolver = owner ? createRequire(require.resolve(`${owner}/package.json`)) : require;
  const location = path.join(path.dirname(resolver.resolve(`${name}/package.json`)), file);
  let known: Promise<Buffer> | undefined;
  return { type, content: () => (known ??= readFile(location)) };
}

/** Serves the assets below `base`, to anybody: they hold no data. */
export function registerAssets(app: FastifyInstance, base: string, assets: Readonly<Record<string, Asset>>): void {
  for (const [name, asset] of Object.entries(assets)) {
    app.get(`${base}/${name}`, async (_request, reply) => {
      const content = await asset.content();
      return reply.headers({ 'Content-Type': asset.type, 'Cache-Control': `public, max-age=${cacheSeconds}` }).send(content);
    });
  }
}

export const script = 'text/javascript; charset=utf-8';
export const stylesheet = 'text/css; charset=utf-8';

/**
 * The policy of the explorer pages: everything comes from this server, and so do all calls; neither scripts nor styles may stand in the page.
 * GraphiQL's settings dialog tries to add a style that hides the page's scroll bar; it is refused, and nothing is missing.
 */
export function pageHeaders(): Record<string, string> {
  const policy = [
    "default-src 'self'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self' data:",
    "connect-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
  ];
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy.join('; '),
    'Cache-Control': 'no-store',
  };
}

/** Text inside HTML. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
