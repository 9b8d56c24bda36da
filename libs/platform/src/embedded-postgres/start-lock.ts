import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { liveProcess } from './process-state.js';

const patienceMs = 180_000;

/**
 * Runs `work` while this process alone holds the lock file. The file names its holder by pid and start time,
 * so a lock left behind by `kill -9` is recognised and taken over, also when its pid has been given to
 * another process since.
 * @throws Error when a living process keeps the lock for three minutes.
 */
export async function withStartLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const holder = `${process.pid} ${liveProcess(process.pid)?.started ?? ''}`;
  const ticket = `${holder}\n${randomBytes(8).toString('hex')}\n`;
  const deadline = Date.now() + patienceMs;
  while (!tryTake(file, ticket)) {
    if (Date.now() > deadline) {
      throw new Error(`Process ${read(file)?.split(' ')[0]} holds ${file} since three minutes; giving up.`);
    }
    if (!stealFromDead(file)) await sleep(50);
  }
  try {
    return await work();
  } finally {
    if (read(file) === ticket) fs.rmSync(file, { force: true });
  }
}

/**
 * A hard link appears with its content in one step; a file created and then written could be read while it is
 * still empty.
 */
function tryTake(file: string, ticket: string): boolean {
  const draft = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  fs.writeFileSync(draft, ticket, { flag: 'wx', mode: 0o600 });
  try {
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/**
 * Moves the lock of a dead holder out of the way: rename succeeds for one contender only. Answers whether the
 * way may be free.
 */
function stealFromDead(file: string): boolean {
  const seen = read(file);
  if (seen === undefined) return true;
  const [pid, ...start] = seen.split('\n')[0]!.split(' ');
  const started = start.join(' ');
  const holder = liveProcess(Number(pid));
  if (holder && (!started || !holder.started || holder.started === started)) return false;
  const grave = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.dead`;
  try {
    fs.renameSync(file, grave);
  } catch {
    return true;
  }
  // Between the read and the rename a faster contender may have taken the lock over: then it was a living
  // one, and goes back.
  if (read(grave) !== seen) {
    // When a third one holds it by now, PostgreSQL's own lock still keeps them apart.
    try { fs.linkSync(grave, file); } catch { /* Held. */ }
  }
  fs.rmSync(grave, { force: true });
  return true;
}

function read(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
