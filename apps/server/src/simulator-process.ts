import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { logger } from '@datum/platform';

export interface SimulatorProcess { url: string; token: string; stop(): Promise<void> }

export interface SimulatorSettings { root: string; home: string; dataFile: string; port: number }

/**
 * Starts the simulated corporate ERP as a process of its own. It stops with this process, even on kill -9, because it watches its standard input.
 * @throws Error when it does not get ready
 */
export async function startSimulator(settings: SimulatorSettings): Promise<SimulatorProcess> {
  const token = await simulatorToken(settings.home);
  const child = spawn(process.execPath, ['--enable-source-maps', path.join(settings.root, 'dist/apps/simulator/src/main.js')], {
    env: {
      PATH: process.env.PATH, SIM_PORT: String(settings.port), SIM_DATA: settings.dataFile, SIM_JOURNAL: path.join(settings.home, 'simulator'),
      SIM_TOKENS: JSON.stringify({ [token]: { name: 'gateway', mayWrite: true } }), SIM_STOP_WITH_PARENT: '1',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const url = await readyUrl(child);
  child.once('exit', (code) => logger().warn({ code }, 'the simulator has ended'));
  return { url, token, stop: () => stopChild(child) };
}

/** Kept over restarts: the adapter's secret file holds the same one. */
async function simulatorToken(home: string): Promise<string> {
  const file = path.join(home, 'erp-secrets.json');
  const secrets: Record<string, string> = await fs.readFile(file, 'utf8').then((text) => JSON.parse(text) as Record<string, string>, () => ({}));
  if (!secrets.CE) {
    secrets.CE = randomBytes(24).toString('base64url');
    await fs.writeFile(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  }
  return secrets.CE;
}

function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The simulator did not get ready within 20 s.')), 20_000);
    child.once('exit', (code) => reject(new Error(`The simulator ended with code ${code} before it was ready.`)));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const message = parse(line);
      if (message?.ready !== true) return;
      clearTimeout(timer);
      resolve(String(message.url));
    });
  });
}

function parse(line: string): { ready?: boolean; url?: string } | undefined {
  try {
    return JSON.parse(line) as { ready?: boolean; url?: string };
  } catch {
    return undefined;
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.removeAllListeners('exit');
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 3_000);
  await gone;
  clearTimeout(timer);
}
