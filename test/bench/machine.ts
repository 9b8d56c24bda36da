import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';

export interface Machine { cpu: string; cores: number; memoryGiB: number; platform: string; node: string; pinned: boolean }

/** The server alone on one core, everything else on the others: otherwise the load takes from what it measures. */
export const cores = { server: '0', rest: os.cpus().length > 1 ? `1-${os.cpus().length - 1}` : '0' };

const canPin = process.platform === 'linux' && os.cpus().length > 1 && spawnSync('taskset', ['--version']).status === 0;

export function machine(): Machine {
  return {
    cpu: os.cpus()[0]?.model ?? 'unknown',
    cores: os.cpus().length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    platform: `${os.platform()} ${os.arch()}`,
    node: process.version,
    pinned: canPin,
  };
}

/** Keeps a process and all its threads on these cores. */
export function pin(pid: number, list: string): void {
  if (canPin) execFileSync('taskset', ['-a', '-c', '-p', list, String(pid)], { stdio: 'ignore' });
}

/** The command line that starts a program on these cores. */
export const pinned = (list: string, command: string, args: readonly string[]): [string, string[]] =>
  canPin ? ['taskset', ['-c', list, command, ...args]] : [command, [...args]];

const clockTickMicros = 10_000;

/** CPU time of a process so far, user and system, in microseconds (10 ms steps); undefined where there is no /proc. */
export function cpuMicros(pid: number): number | undefined {
  const stat = readProc(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * clockTickMicros;
}

/** Resident memory in MiB, now and at its highest. */
export function memoryMiB(pid: number): { now: number; peak: number } | undefined {
  const status = readProc(`/proc/${pid}/status`);
  if (status === undefined) return undefined;
  const kibibytes = (name: string): number => Number(new RegExp(String.raw`^${name}:\s+(\d+)`, 'm').exec(status)?.[1] ?? 0);
  return { now: Math.round(kibibytes('VmRSS') / 1_024), peak: Math.round(kibibytes('VmHWM') / 1_024) };
}

export const loadAverage = (): number => Math.round(os.loadavg()[0]! * 100) / 100;

function readProc(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
