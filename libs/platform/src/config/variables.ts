import { httpUrl, instant, oneOf, plainText, postgresUrl, wholeNumber } from './variable.js';

/** Every environment variable the product reads. The README's table is printed from this list. */
export const variables = {
  port: wholeNumber(
    { name: 'PORT', about: 'Port of the one HTTP listener. 0 takes any free port.', example: '4000', fallback: '4000' }, 0, 65_535),
  host: plainText({
    name: 'HOST', example: '0.0.0.0', fallback: '127.0.0.1',
    about: 'Address the listener binds to. Anything but a loopback address opens the gateway to the network.',
  }),
  home: plainText({
    name: 'DATUM_HOME', example: '/var/lib/datum', fallback: '.datum',
    about: 'Directory of what the gateway keeps outside the database: embedded cluster, keys, anchors, first credentials.',
  }),
  databaseUrl: postgresUrl({
    name: 'DATABASE_URL', example: 'postgres://datum:secret@db.example:5432/datum',
    about: 'PostgreSQL 15 or newer to use. Unset: an embedded PostgreSQL under DATUM_HOME.',
  }),
  publicUrl: httpUrl({
    name: 'DATUM_PUBLIC_URL', example: 'https://datum.example',
    about: 'Base URL callers use; also the issuer of our own tokens. Unset: made from HOST and PORT.',
  }),
  logLevel: oneOf(
    { name: 'DATUM_LOG_LEVEL', about: 'Least severe level that is written.', example: 'info', fallback: 'info' },
    ['debug', 'info', 'warn', 'error', 'fatal', 'silent']),
  poolMax: wholeNumber(
    { name: 'DATUM_POOL_MAX', about: 'Database connections per process.', example: '20', fallback: '20' }, 2, 500),
  clockMode: oneOf({
    name: 'DATUM_CLOCK', example: 'real', fallback: 'real',
    about: 'Business time: the machine\'s (real), or simulated, running on from DATUM_CLOCK_START (sim).',
  }, ['real', 'sim']),
  clockStart: instant({
    name: 'DATUM_CLOCK_START', example: '2026-03-04T14:00:00Z', fallback: '2026-03-04T14:00:00Z',
    about: 'Where simulated business time starts. Read only with DATUM_CLOCK=sim.',
  }),
  oidcIssuer: httpUrl({
    name: 'DATUM_OIDC_ISSUER', example: 'https://login.example/realms/plant',
    about: 'Outside token issuer that is trusted beside our own. The three DATUM_OIDC_* are set together or not at all.',
  }),
  oidcAudience: plainText(
    { name: 'DATUM_OIDC_AUDIENCE', about: 'Audience an outside token must carry.', example: 'datum' }),
  oidcJwksUrl: httpUrl({
    name: 'DATUM_OIDC_JWKS_URL', example: 'https://login.example/realms/plant/certs',
    about: 'Where the keys of the outside issuer are read.',
  }),
  clientPerMinute: wholeNumber({
    name: 'DATUM_RATE_PER_MINUTE', example: '6000', fallback: '6000',
    about: 'Requests per minute of one participant, on each process.',
  }, 1, 10_000_000),
  anonymousPerMinute: wholeNumber({
    name: 'DATUM_RATE_ANONYMOUS_PER_MINUTE', example: '300', fallback: '300',
    about: 'Requests per minute of one address without a valid token, on each process.',
  }, 1, 10_000_000),
  eventLoopDelayMaxMs: wholeNumber({
    name: 'DATUM_SHED_DELAY_MS', example: '1000', fallback: '1000',
    about: 'Mean event-loop delay in milliseconds above which requests are answered 503 until it falls. 0 never sheds.',
  }, 0, 60_000),
  graphqlCostMax: wholeNumber({
    name: 'DATUM_GRAPHQL_COST_MAX', example: '10000', fallback: '10000',
    about: 'Highest estimated cost of one GraphQL operation.',
  }, 1, 1_000_000),
  cacheEntriesMax: wholeNumber({
    name: 'DATUM_CACHE_ENTRIES', example: '50000', fallback: '50000',
    about: 'Records kept serialised in memory, per process. 0 switches the cache off.',
  }, 0, 10_000_000),
  otlpEndpoint: httpUrl({
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT', example: 'http://127.0.0.1:4318',
    about: 'OpenTelemetry collector (OTLP over HTTP). Unset: no spans are made.',
  }),
  simUrl: httpUrl({
    name: 'SIM_URL', example: 'http://127.0.0.1:4100',
    about: 'Base URL of the simulator that plays plants and ERPs. Unset: none is used.',
  }),
};

export type VariableKey = keyof typeof variables;
