import { Command, CommanderError } from 'commander';
import pc from 'picocolors';
import { CliError, exitCodes, type ExitCode } from './cli-error.js';
import { addExport } from './commands/export.command.js';
import { addImport } from './commands/import.command.js';
import { addLogin } from './commands/login.command.js';
import { addParticipant } from './commands/participant.command.js';
import { addReads } from './commands/read.commands.js';
import { addSetup } from './commands/setup.command.js';
import { addVerifyAudit } from './commands/verify-audit.command.js';
import type { Io } from './io.js';

const exitCodeHelp = `
Exit codes:
  0  done                                  5  the gateway does not answer
  1  an error of datum itself              6  imported, but some rows were refused
  2  the command or a file is wrong        7  the audit export does not verify
  3  not logged in, or login refused     130  interrupted
  4  the gateway refused; the sentence says why`;

/** Runs one command line and gives its exit code. Speaks the public API only, like any other client. */
export async function runCli(args: readonly string[], io: Io): Promise<ExitCode> {
  try {
    await programOf(io).parseAsync([...args], { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    return tell(error, args.includes('--json'), io);
  }
}

function programOf(io: Io): Command {
  const program = new Command('datum')
    .description('Datum, the master data gateway, from the command line')
    .option('--profile <name>', 'which login to use', 'default')
    .option('--json', 'machine-readable output')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .addHelpText('after', exitCodeHelp)
    .showHelpAfterError('(datum --help tells what there is)');
  for (const add of [addLogin, addSetup, addImport, addExport, addReads, addParticipant, addVerifyAudit]) add(program, io);
  return program;
}

function tell(error: unknown, asJson: boolean, io: Io): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (io.signal?.aborted) {
    io.err('Interrupted. The same command goes on where this one was.\n');
    return exitCodes.interrupted;
  }
  const exitCode = error instanceof CliError ? error.exitCode : exitCodes.internal;
  const message = error instanceof CliError ? error.message : `Something went wrong in datum itself: ${(error as Error).stack ?? String(error)}`;
  if (asJson) io.err(`${JSON.stringify({ exitCode, message, problem: error instanceof CliError ? error.problem : undefined })}\n`);
  else io.err(`${io.isTty ? pc.red(message) : message}\n`);
  return exitCode;
}
