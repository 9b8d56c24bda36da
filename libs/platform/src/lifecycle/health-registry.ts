import type { Database } from '../database/database.js';
import { logger } from '../telemetry/log.js';
import { causeChain } from '../telemetry/log-error.js';

/** What a check finds. It may also throw, which means that it failed. */
export type CheckResult = { ok: true } | { ok: false; reason: string };

export interface HealthCheck {
  /** Stands in the answer: `database`, `migrations`, `ownership`, `ledgerTail`. */
  name: string;
  check: () => Promise<CheckResult | void>;
  /** A failed fatal check makes the process not ready; a degraded one is only shown. Default fatal. */
  severity?: 'fatal' | 'degraded';
  /** A check that has not answered by then has failed. Default 1 s. */
  timeoutMs?: number;
}

export type HealthState = 'ready' | 'degraded' | 'starting' | 'unready' | 'draining';

export interface HealthReport {
  status: HealthState;
  /** By the checks' names. Reasons stand in the log: this answer is public. */
  checks: Record<string, 'ok' | 'failed'>;
}

/** Answers are kept this long, so that nobody can load the database by asking how it is. */
const keptMs = 500;

/** Whether this process may be given work. Rooms register what they need to be able to serve. */
export class HealthRegistry {
  private readonly checks = new Map<string, HealthCheck>();
  private readonly failing = new Map<string, string>();
  private phase: 'starting' | 'running' | 'draining' = 'starting';
  private kept: { untilMs: number; report: Promise<HealthReport> } | undefined;

  register(check: HealthCheck): void {
    this.checks.set(check.name, check);
    this.kept = undefined;
  }

  /** The process has started. Until then it is not ready, whatever its checks say. */
  started(): void {
    if (this.phase === 'starting') this.phase = 'running';
  }

  /** From now on the process is not ready, for good: it is about to stop. */
  drain(): void {
    this.phase = 'draining';
  }

  async report(): Promise<HealthReport> {
    if (this.phase !== 'running') return { status: this.phase, checks: {} };
    const now = performance.now();
    if (!this.kept || this.kept.untilMs <= now) this.kept = { untilMs: now + keptMs, report: this.runChecks() };
    const report = await this.kept.report;
    // The phase may have changed while the checks ran.
    return this.isDraining() ? { status: 'draining', checks: {} } : report;
  }

  private isDraining(): boolean {
    return this.phase === 'draining';
  }

  private async runChecks(): Promise<HealthReport> {
    const all = [...this.checks.values()];
    const reasons = await Promise.all(all.map(failureOf));
    const failed = all.filter((_, i) => reasons[i] !== undefined);
    all.forEach((check, i) => this.logChange(check, reasons[i]));
    const checks = Object.fromEntries(all.map(({ name }, i) => [name, reasons[i] === undefined ? 'ok' as const : 'failed' as const]));
    if (failed.some(({ severity }) => severity !== 'degraded')) return { status: 'unready', checks };
    return { status: failed.length > 0 ? 'degraded' : 'ready', checks };
  }

  /** A check that turns is logged once, not each time somebody asks. */
  private logChange({ name }: HealthCheck, reason: string | undefined): void {
    if (reason !== undefined && !this.failing.has(name)) logger().warn({ check: name, reason }, 'health check fails');
    if (reason === undefined && this.failing.has(name)) logger().info({ check: name }, 'health check passes again');
    if (reason === undefined) this.failing.delete(name);
    else this.failing.set(name, reason);
  }
}

/** Why a check failed; undefined when it passed. */
async function failureOf({ check, timeoutMs = 1_000 }: HealthCheck): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CheckResult>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, reason: `no answer within ${timeoutMs} ms` }), timeoutMs);
  });
  try {
    const result = await Promise.race([check(), late]);
    return result && !result.ok ? result.reason : undefined;
  } catch (error) {
    return causeChain(error).map(({ message }) => message).join(': ');
  } finally {
    clearTimeout(timer);
  }
}

/** The database answers within a second. */
export const databaseCheck = (database: Database): HealthCheck => ({
  name: 'database',
  check: async () => void (await database.query('SELECT 1')),
});

/** Every migration this process knows is in the database. Once true it stays true, so it is asked no more. */
export function migrationsCheck(database: Database): HealthCheck {
  let complete = false;
  return {
    name: 'migrations',
    check: async () => {
      if (complete) return { ok: true };
      const applied = await database.query<{ name: string }>('SELECT name FROM schema_migration');
      const names = new Set(applied.map(({ name }) => name));
      const missing = database.dataSource.migrations.map((migration) => migration.name ?? migration.constructor.name)
        .filter((name) => !names.has(name));
      complete = missing.length === 0;
      return complete ? { ok: true } : { ok: false, reason: `not applied: ${missing.join(', ')}` };
    },
  };
}
