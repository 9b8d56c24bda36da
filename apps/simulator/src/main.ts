import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import type { Caller } from './control/simulated-system.js';
import { enterpriseData } from './erp/corporate/corporate-data.js';
import { buildSimulator } from './simulator.js';

const environment = z.object({
  SIM_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  SIM_DATA: z.string().optional(),
  SIM_JOURNAL: z.string().optional(),
  SIM_TOKENS: z.string().optional(),
  SIM_STOP_WITH_PARENT: z.enum(['0', '1']).default('0'),
});

const tokenList = z.record(z.string().min(16), z.strictObject({ name: z.string().min(1), mayWrite: z.boolean().default(true) }));

/** Bearer tokens by SIM_TOKENS (`{"token":{"name":"gateway"}}`); without it one is made up and printed in the ready line. */
function tokensFrom(text: string | undefined): { tokens: Map<string, Caller>; made?: string } {
  if (text !== undefined) {
    return { tokens: new Map(Object.entries(tokenList.parse(JSON.parse(text)))) };
  }
  const made = randomBytes(24).toString('base64url');
  return { tokens: new Map([[made, { name: 'gateway', mayWrite: true }]]), made };
}

async function main(): Promise<void> {
  const settings = environment.parse(process.env);
  const data = enterpriseData.parse(settings.SIM_DATA ? JSON.parse(readFileSync(settings.SIM_DATA, 'utf8')) : {});
  const { tokens, made } = tokensFrom(settings.SIM_TOKENS);
  const app = buildSimulator({ data, tokens, ...(settings.SIM_JOURNAL ? { journalBase: settings.SIM_JOURNAL } : {}) });
  await app.listen({ host: '127.0.0.1', port: settings.SIM_PORT });

  const stop = (): void => void app.close().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (settings.SIM_STOP_WITH_PARENT === '1') {
    // The parent holds the other end of stdin: however it dies, the end is seen here.
    process.stdin.once('end', stop).once('error', stop).once('close', stop).resume();
  }
  const { port } = app.server.address() as AddressInfo;
  const ready = { ready: true, url: `http://127.0.0.1:${port}`, pid: process.pid, ...(made ? { token: made } : {}) };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

await main();
