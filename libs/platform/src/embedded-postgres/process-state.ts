import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

export interface LiveProcess {
  /** File name of the program, cut to 15 characters by Linux. */
  command: string;
  /**
   * When it started, as the system writes it: together with the pid it tells a process from one that got its
   * number later.
   */
  started: string;
}

/**
 * The running process behind a pid. A zombie is not running: after `kill -9` it can keep its number for a
 * long time when pid 1 of a container does not reap, and `kill(pid, 0)` takes it for alive.
 */
export function liveProcess(pid: number): LiveProcess | undefined {
  if (!Number.isInteger(pid) || pid <= 0 || !signalReaches(pid)) return undefined;
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

function signalReaches(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function fromProc(pid: number): LiveProcess | undefined {
  let stat: string;
  try {
    stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // Gone since the signal, unless /proc is mounted with hidepid, which hides the processes of other
    // accounts.
    return signalReaches(pid) ? { command: '', started: '' } : undefined;
  }
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  const [state] = fields;
  if (state === 'Z' || state === 'X') return undefined;
  return { command: stat.slice(stat.indexOf('(') + 1, end), started: fields[19] ?? '' };
}

function fromPs(pid: number): LiveProcess | undefined {
  let line: string;
  try {
    const options = ['-p', String(pid), '-o', 'stat=', '-o', 'lstart=', '-o', 'comm='];
    const env = { PATH: '/bin:/usr/bin', LC_ALL: 'C' };
    line = execFileSync('ps', options, { encoding: 'utf8', env }).trim();
  } catch {
    return undefined;
  }
  const parts = line.split(/\s+/);
  if (parts.length < 7 || parts[0]!.startsWith('Z')) return undefined;
  return { command: path.basename(parts.slice(6).join(' ')), started: parts.slice(1, 6).join(' ') };
}
