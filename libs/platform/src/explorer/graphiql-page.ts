import type { FastifyInstance } from 'fastify';
import { escapeHtml, packageFile, pageHeaders, registerAssets, script, stylesheet } from './assets.js';
import { graphiqlScript, graphiqlStyle } from './graphiql-script.js';

/** A saved query that the explorer offers. */
export interface ExplorerExample {
  title: string;
  query: string;
  variables?: Record<string, unknown>;
}

export interface ExplorerOptions {
  graphqlPath: string;
  /** The OAuth token endpoint that the page's token box asks: client credentials. */
  tokenPath: string;
  examples: readonly ExplorerExample[];
}

/** GraphiQL for browsers, from the installed packages: nothing is loaded from elsewhere. The token stays in the page's memory. */
export class ExplorerPage {
  readonly headers = pageHeaders();
  readonly html: string;

  constructor(private readonly options: ExplorerOptions) {
    this.html = pageOf(`${options.graphqlPath}/assets`, options);
  }

  registerAssets(app: FastifyInstance): void {
    registerAssets(app, `${this.options.graphqlPath}/assets`, {
      'react.js': packageFile('react', 'umd/react.production.min.js', script),
      'react-dom.js': packageFile('react-dom', 'umd/react-dom.production.min.js', script),
      'graphiql.js': packageFile('graphiql', 'graphiql.min.js', script),
      'graphiql.css': packageFile('graphiql', 'graphiql.min.css', stylesheet),
      'explorer.js': { type: script, content: () => graphiqlScript },
      'explorer.css': { type: stylesheet, content: () => graphiqlStyle },
    });
  }
}

function pageOf(assets: string, options: ExplorerOptions): string {
  const settings = JSON.stringify({ endpoint: options.graphqlPath, tokenPath: options.tokenPath, examples: options.examples });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Datum – GraphQL explorer</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${assets}/graphiql.css">
<link rel="stylesheet" href="${assets}/explorer.css">
</head>
<body data-settings="${escapeHtml(settings)}">
<header>
<strong>Datum</strong>
<form id="token-form" autocomplete="off">
<label>Client id <input id="client-id" name="client-id" required spellcheck="false"></label>
<label>Client secret <input id="client-secret" name="client-secret" type="password" required></label>
<button type="submit">Get a token</button>
<output id="token-state" role="status">No token yet: operations are refused until you have one.</output>
</form>
<label>Example <select id="example"><option value="">choose …</option></select></label>
</header>
<main id="graphiql">Loading …</main>
<script src="${assets}/react.js"></script>
<script src="${assets}/react-dom.js"></script>
<script src="${assets}/graphiql.js"></script>
<script src="${assets}/explorer.js"></script>
</body>
</html>
`;
}
