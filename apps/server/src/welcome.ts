import path from 'node:path';

/** What a person sees when the demo is ready: where things are, and how to get a token. */
export function welcome({ url, home, simulatorUrl, readyMs }: { url: string; home: string; simulatorUrl: string; readyMs: number }): string {
  return `
Datum is ready at ${url} (${(readyMs / 1000).toFixed(1)} s)

  API reference    ${url}/docs
  GraphQL explorer ${url}/graphql
  OpenAPI          ${url}/openapi/v1.json
  Health           ${url}/health/ready
  Simulated ERP    ${simulatorUrl}

  Who can log in stands in ${home}/credentials.json. A token, as the planning SaaS:

  curl -s -u "$(node -p 'const c=require(process.argv[1]).planning; c.clientId+":"+c.clientSecret' "${path.resolve(home)}/credentials.json")" \\
       -d grant_type=client_credentials ${url}/oauth/token

  Ctrl-C stops it, with everything that it started.

`;
}
