import { text } from 'node:stream/consumers';
import { runCli } from './cli.js';

const interruption = new AbortController();
process.once('SIGINT', () => interruption.abort());

process.exitCode = await runCli(process.argv.slice(2), {
  out: (line) => void process.stdout.write(line),
  err: (line) => void process.stderr.write(line),
  readInput: () => text(process.stdin),
  env: process.env,
  cwd: process.env.INIT_CWD ?? process.cwd(),
  isTty: process.stderr.isTTY,
  signal: interruption.signal,
});
