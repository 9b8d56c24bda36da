import type { FastifyInstance } from 'fastify';
import { escapeHtml, packageFile, pageHeaders, registerAssets, script, stylesheet } from './assets.js';

export interface ApiDocsOptions {
  /** `/docs` */
  path?: string;
  /** `/openapi/v1.json`: where the document is served. */
  documentPath?: string;
}

/** Swagger UI at `/docs`, from the installed package: no CDN, no validator badge, nothing kept when the page is closed. */
export function registerApiDocs(app: FastifyInstance, options: ApiDocsOptions = {}): void {
  const { path = '/docs', documentPath = '/openapi/v1.json' } = options;
  const headers = pageHeaders();
  const html = pageOf(`${path}/assets`, documentPath);
  for (const url of [path, `${path}/`]) app.get(url, async (_request, reply) => reply.headers(headers).send(html));
  registerAssets(app, `${path}/assets`, {
    'swagger-ui.js': packageFile('swagger-ui-dist', 'swagger-ui-bundle.js', script, '@nestjs/swagger'),
    'swagger-ui.css': packageFile('swagger-ui-dist', 'swagger-ui.css', stylesheet, '@nestjs/swagger'),
    'docs.js': { type: script, content: () => docsScript },
  });
}

const docsScript = `'use strict';
SwaggerUIBundle({
  url: document.body.dataset.document,
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
  queryConfigEnabled: false,
  supportedSubmitMethods: ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'],
});
`;

const pageOf = (assets: string, documentPath: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Datum – REST interface</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${assets}/swagger-ui.css">
</head>
<body data-document="${escapeHtml(documentPath)}">
<div id="swagger-ui">Loading …</div>
<script src="${assets}/swagger-ui.js"></script>
<script src="${assets}/docs.js"></script>
</body>
</html>
`;
