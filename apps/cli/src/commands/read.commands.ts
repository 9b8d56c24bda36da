import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Io } from '../io.js';
import { sessionOf, type Session } from './session.js';

export function addReads(program: Command, io: Io): void {
  program.command('get')
    .description('read one thing: items/ID, systems/CE, or any path of the API')
    .argument('<path>', 'path below /v1/, with a query if needed')
    .action(async (path: string, _options: object, command: Command) => get(sessionOf(io, command), path));
  program.command('explain')
    .description('who decides an attribute, in a sentence')
    .argument('<domain>', 'item, bom, supplier, inventory, …')
    .argument('<attribute>', 'attribute, or attribute group')
    .option('--site <code>', 'at this site')
    .option('--at <instant>', 'at this business time')
    .action(async (domain: string, attribute: string, options: { site?: string; at?: string }, command: Command) =>
      explain(sessionOf(io, command), { domain, attribute, ...options }));
  program.command('operation')
    .description('what became of accepted work')
    .argument('<id>', 'id of the operation')
    .option('--wait', 'wait until it has ended')
    .option('--results', 'print what became of each row')
    .option('--cancel', 'stop it; what was done stays')
    .action(async (id: string, options: OperationOptions, command: Command) => operation(sessionOf(io, command), id, options));
}

async function get(session: Session, path: string): Promise<void> {
  const { body, text } = await (await session.client()).get(path.startsWith('/') ? path : `/v1/${path}`);
  session.print(body ?? text, body === undefined ? text : JSON.stringify(body, null, 2));
}

async function explain(session: Session, question: Record<string, string>): Promise<void> {
  const { body } = await (await session.client()).get<{ sentence: string }>(`/v1/ownership/explain?${new URLSearchParams(question).toString()}`);
  session.print(body, body.sentence);
}

interface OperationOptions { wait?: boolean; results?: boolean; cancel?: boolean }
interface Operation { id: string; kind: string; status: string; progress: Record<string, unknown> | null; result: object | null; error: { detail?: string } | null }

async function operation(session: Session, id: string, options: OperationOptions): Promise<void> {
  const client = await session.client();
  const path = `/v1/operations/${encodeURIComponent(id)}`;
  if (options.cancel) await client.post(`${path}:cancel`, { body: {} });
  let { body } = await client.get<Operation>(path);
  while (options.wait && ['queued', 'running'].includes(body.status)) {
    await sleep(500);
    ({ body } = await client.get<Operation>(path));
  }
  if (options.results) {
    for await (const line of client.lines(`${path}/results`)) session.io.out(`${line}\n`);
    return;
  }
  const facts = [body.progress, body.result].filter((part) => part !== null).map((part) => JSON.stringify(part));
  session.print(body, [`${body.kind} ${body.id}: ${body.status}`, ...facts, ...(body.error ? [body.error.detail ?? JSON.stringify(body.error)] : [])].join('\n'));
}
