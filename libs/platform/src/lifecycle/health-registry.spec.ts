import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger, useLogger, type Logger } from '../telemetry/log.js';
import { HealthRegistry, type CheckResult } from './health-registry.js';

describe('HealthRegistry', () => {
  let lines: string[];
  let before: Logger;
  beforeEach(() => {
    lines = [];
    before = useLogger(createLogger({ level: 'info', destination: { write: (line) => lines.push(line) } }));
  });
  afterEach(() => {
    useLogger(before);
  });

  const started = (...checks: Parameters<HealthRegistry['register']>[0][]): HealthRegistry => {
    const health = new HealthRegistry();
    checks.forEach((check) => health.register(check));
    health.started();
    return health;
  };

  it('is not ready before it has started, nor once it drains', async () => {
    const health = new HealthRegistry();
    expect(await health.report()).toEqual({ status: 'starting', checks: {} });
    health.started();
    expect(await health.report()).toEqual({ status: 'ready', checks: {} });
    health.drain();
    health.started();
    expect(await health.report()).toEqual({ status: 'draining', checks: {} });
  });

  it('is unready when a check fails, throws or does not answer, and tells the reason to the log only', async () => {
    const health = started(
      { name: 'fine', check: async () => ({ ok: true }) },
      { name: 'failing', check: async () => ({ ok: false, reason: 'no rule for item.planning at D' }) },
      { name: 'throwing', check: () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.5:5432')) },
      { name: 'hanging', check: () => new Promise<CheckResult>(() => undefined), timeoutMs: 20 },
    );
    const report = await health.report();
    expect(report).toEqual({ status: 'unready', checks: { fine: 'ok', failing: 'failed', throwing: 'failed', hanging: 'failed' } });
    expect(JSON.stringify(report)).not.toContain('10.0.0.5');
    expect(lines).toHaveLength(3);
    expect(lines.join()).toContain('10.0.0.5');
  });

  it('is degraded, not unready, when only a degraded check fails', async () => {
    const health = started({ name: 'ledgerTail', severity: 'degraded', check: async () => ({ ok: false, reason: 'no tick' }) });
    expect(await health.report()).toEqual({ status: 'degraded', checks: { ledgerTail: 'failed' } });
  });

  it('runs its checks once however many ask at a time', async () => {
    let runs = 0;
    const health = started({ name: 'counted', check: async () => void (runs += 1) });
    await Promise.all(Array.from({ length: 100 }, () => health.report()));
    expect(runs).toBe(1);
  });
});
