import type { FastifyInstance } from 'fastify';
import { notFound } from '../errors/app-error.js';
import { codeOfSlug, problemText } from './problem-texts.js';

/** Serves `GET /problems/<code with dashes>`: what a problem's `type` resolves to, as a small page or as JSON. Needs no token. */
export function registerProblemPages(fastify: FastifyInstance): void {
  fastify.get<{ Params: { code: string } }>('/problems/:code', (request, reply) => {
    const code = codeOfSlug(request.params.code);
    const description = code === undefined ? undefined : problemText(code);
    if (code === undefined || !description) throw notFound('problem.unknown', 'There is no problem of this name.');
    reply.header('Cache-Control', 'public, max-age=3600');
    if (!request.headers.accept?.includes('text/html')) return reply.send({ code, ...description });
    return reply.type('text/html; charset=utf-8').send(page(code, description));
  });
}

const page = (code: string, { title, text }: { title: string; text: string }): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title>`
  + `<h1>${escaped(title)}</h1><p>${escaped(text)}</p><p>Code: <code>${escaped(code)}</code></p></html>\n`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
