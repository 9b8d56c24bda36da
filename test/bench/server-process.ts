import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cores, pinned } from './machine.js';

export interface ServerProcess { name: string; port: number; pid: number; /** Milliseconds from the start of the process to the first good answer. */ startMs: number; stop(): Promise<void> }

interface ServerSettings {
  name: string;
  /** Relative to this directory, compiled. */
  script: string;
  port: number;
  /** Answers 200 when the server may be given work. */
  readyPath: string;
  args?: string[];
  nodeArgs?: string[];
  env?: Record<string, string>;
}

/** Starts a server on the core of servers and waits until it answers. Its environment is what is given here, and PATH. */
export async function startServer(settings: ServerSettings): Promise<ServerProcess> {
  const script = fileURLToPath(new URL(settings.script, import.meta.url));
  const [command, args] = pinned(cores.server, process.execPath, [...(settings.nodeArgs ?? []), script, ...(settings.args ?? [])]);
  const began = performance.now();
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...settings.env },
  });
  try {
    await untilReady(child, `http://127.0.0.1:${settings.port}${settings.readyPath}`);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${settings.name} did not start: ${(error as Error).message}`, { cause: error });
  }
  return { name: settings.name, port: settings.port, pid: child.pid!, startMs: performance.now() - began, stop: () => stop(child) };
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const answer = await fetch(url).then(async (response) => { await response.body?.cancel(); return response.status; }, () => 0);
    if (answer === 200) return;
    await sleep(20);
  }
  throw new Error('no good answer within 120 s');
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = sleep(15_000, 'late', { ref: false });
  if ((await Promise.race([ended, late])) === 'late') child.kill('SIGKILL');
}
