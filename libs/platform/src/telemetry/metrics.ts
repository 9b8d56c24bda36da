import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Every metric of the process. Labels come from closed sets (route patterns, domains, groups, sites, systems), never from input. */
const registry = new Registry();

const requestDuration = new Histogram({
  name: 'http_request_duration_seconds',
  help: 'Duration of HTTP requests by route pattern',
  labelNames: ['method', 'route', 'status'] as const,
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers: [registry],
});
const ledgerAppends = new Counter({
  name: 'datum_ledger_appends_total', help: 'Rows appended to the ledger', labelNames: ['domain'] as const, registers: [registry],
});
const verdicts = new Counter({
  name: 'datum_ownership_verdicts_total',
  help: 'Answers of the ownership decision',
  labelNames: ['verdict', 'domain', 'group', 'site'] as const,
  registers: [registry],
});
const policyFindings = new Counter({
  name: 'datum_policy_findings_total', help: 'Changes that a policy found something in', labelNames: ['policy', 'effect'] as const, registers: [registry],
});
const writeBackSteps = new Counter({
  name: 'datum_write_back_total',
  help: 'Write requests by system and the state they reached',
  labelNames: ['system', 'state'] as const,
  registers: [registry],
});
const erpCallDuration = new Histogram({
  name: 'datum_erp_call_duration_seconds',
  help: 'Duration of calls to ERP systems',
  labelNames: ['system', 'operation', 'outcome'] as const,
  buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  registers: [registry],
});
const cacheReads = new Counter({
  name: 'datum_cache_reads_total', help: 'Reads through the hot-record cache', labelNames: ['outcome'] as const, registers: [registry],
});
const refusals = new Counter({
  name: 'datum_limit_refusals_total', help: 'Requests refused by a limit', labelNames: ['reason'] as const, registers: [registry],
});

const observed = new Map<string, Histogram.Internal<'method' | 'route' | 'status'>>();

/** Labels are looked up once: looking them up costs as much as the measurement. Routes are patterns, so that there are few. */
export function observeRequest(method: string, route: string, status: number, seconds: number): void {
  const key = `${method} ${status} ${route}`;
  let child = observed.get(key);
  if (!child) observed.set(key, (child = requestDuration.labels(method, route, String(status))));
  child.observe(seconds);
}

export const countLedgerAppends = (domain: string, rows = 1): void => ledgerAppends.labels(domain).inc(rows);

export interface VerdictLabels {
  verdict: 'accept' | 'route' | 'refuse' | 'observe';
  domain: string;
  /** The attribute group. */
  group: string;
  /** A site code; undefined for what is the same at every site. */
  site?: string;
}

export const countOwnershipVerdict = ({ verdict, domain, group, site }: VerdictLabels): void =>
  verdicts.labels(verdict, domain, group, site ?? 'all').inc();

/** @param effect what came of it: `refused`, `approval`, `warned`, `observed` or `failed` */
export const countPolicyFinding = (policy: string, effect: string): void => policyFindings.labels(policy, effect).inc();

/** @param state the state the write request reached: `queued`, `dispatched`, `confirmed`, `rejected`, `unknown`, `compensated` … */
export const countWriteBack = (system: string, state: string): void => writeBackSteps.labels(system, state).inc();

export interface ErpCallLabels {
  system: string;
  /** What was asked of the system: `write`, `read-back`, `look-up`. */
  operation: string;
  outcome: 'ok' | 'refused' | 'unknown';
}

export const observeErpCall = ({ system, operation, outcome }: ErpCallLabels, seconds: number): void =>
  erpCallDuration.labels(system, operation, outcome).observe(seconds);

export const countCacheRead = (outcome: 'hit' | 'miss' | 'bypass'): void => cacheReads.labels(outcome).inc();

export const countRefusal = (reason: 'client' | 'anonymous' | 'overload'): void => refusals.labels(reason).inc();

export interface PoolCounts {
  total: number;
  idle: number;
  waiting: number;
}

/** Shows a connection pool's counts, read whenever metrics are. A pool registered again replaces the one before it. */
export function registerPoolGauge(read: () => PoolCounts): void {
  registry.removeSingleMetric('datum_db_pool_connections');
  const gauge: Gauge<'state'> = new Gauge({
    name: 'datum_db_pool_connections',
    help: 'Database connections by state; waiting counts callers',
    labelNames: ['state'] as const,
    registers: [registry],
    collect: () => Object.entries(read()).forEach(([state, count]) => gauge.labels(state).set(count as number)),
  });
}

/** A number read whenever metrics are, for example the length of a queue or the age of the last tick in seconds. */
export function registerGauge(name: string, help: string, read: () => number | Promise<number>): void {
  registry.removeSingleMetric(name);
  const gauge: Gauge = new Gauge({ name, help, registers: [registry], collect: async () => gauge.set(await read()) });
}

/** Starts what costs something to measure: event-loop lag, memory, garbage collection. For a process's main, once. */
export function startProcessMetrics(): void {
  if (!registry.getSingleMetric('process_cpu_user_seconds_total')) collectDefaultMetrics({ register: registry });
}

/** The media type of `metricsText`. */
export const metricsContentType = registry.contentType;

/** All metrics in the Prometheus text format. */
export const metricsText = (): Promise<string> => registry.metrics();
