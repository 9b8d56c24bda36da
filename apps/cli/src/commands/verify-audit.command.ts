import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import type { Command } from 'commander';
import { verifyAudit } from '@datum/platform/offline';
import { CliError, exitCodes, usage } from '../cli-error.js';
import type { Io } from '../io.js';
import { sessionOf, type Session } from './session.js';

interface VerifyOptions { anchors?: string; key: string[] }

export function addVerifyAudit(program: Command, io: Io): void {
  program.command('verify-audit')
    .description('check an audit export without any network: every row, block, signature and current record')
    .argument('<file>', 'what GET /v1/audit/export gave')
    .option('--anchors <file>', 'anchors that were kept outside the database')
    .option('--key <id>', 'id of a key that is known to be the firm’s; may be repeated', (value: string, all: string[]) => [...all, value], [] as string[])
    .action(async (file: string, options: VerifyOptions, command: Command) => verify(sessionOf(io, command), file, options));
}

async function verify(session: Session, file: string, { anchors, key }: VerifyOptions): Promise<void> {
  const { cwd } = session.io;
  const trust = { ...(anchors ? { anchors: lines(cwd, anchors) } : {}), ...(key.length > 0 ? { keyIds: key } : {}) };
  const report = await verifyAudit(lines(cwd, file), trust);
  const figures = `${report.rows} rows in ${report.blocks} sealed blocks (${report.blocksAnchored} anchored, ${report.rowsNotSealed} rows not sealed yet), ${report.currentRecords} current records`;
  const findings = report.problems.map(({ detail, recordType, recordId, block }) =>
    `  ${detail}${recordId ? ` [${recordType} ${recordId}]` : ''}${block === undefined ? '' : ` [block ${block}]`}`);
  session.print(report, report.ok ? `The export verifies: ${figures}.` : `The export does NOT verify: ${report.problemCount} problem(s) in ${figures}.\n${findings.join('\n')}`);
  if (!report.ok) throw new CliError(exitCodes.auditFailed, 'The audit trail has been altered, or the export is damaged.');
}

function lines(cwd: string, file: string): AsyncIterable<string> {
  const name = path.resolve(cwd, file);
  if (!fs.existsSync(name)) throw usage(`${file} is not there.`);
  return readline.createInterface({ input: fs.createReadStream(name), crlfDelay: Infinity });
}
