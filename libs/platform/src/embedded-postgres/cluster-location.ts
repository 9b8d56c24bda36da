import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { accountFor, canEnter, give, giveTree, type Account } from './unprivileged-account.js';

export interface ClusterLocation {
  home: string;
  /** Of this cluster alone: 0700, owned by the account. */
  dataDirectory: string;
  passwordFile: string;
  logFile: string;
  account: Account;
  /** Where a copy of the binaries may be put: the account can enter it. */
  copiesDirectory: string;
}

const systemDirectory = '/var/lib/datum';

/**
 * Where the data of cluster `name` are. They stay in `home`, unless PostgreSQL runs as another account that
 * cannot enter it (a clone below root's 0700 home): then they go to a directory of their own in
 * /var/lib/datum, which `home/location` records. Never to a temporary directory, which the system may empty.
 * @throws Error when the recorded directory is gone: starting with an empty one would hide the loss.
 */
export function locateCluster(home: string, name: string): ClusterLocation {
  const inHome = path.join(home, name);
  const files = { home, passwordFile: `${inHome}.password`, logFile: `${inHome}.log` };
  const recorded = readLocation(home);
  if (recorded && !fs.existsSync(recorded)) {
    throw new Error(`${home}/location says that the data are in ${recorded}, which is not there. `
      + 'Restore it, or remove that file to begin anew.');
  }
  const dataDirectory = recorded ? path.join(recorded, name) : inHome;
  const account = accountFor(dataDirectory);
  if (recorded || canEnter(account, home)) {
    const ready = { ...files, dataDirectory, account, copiesDirectory: recorded ? systemDirectory : home };
    takeOwnership(ready);
    return ready;
  }
  const own = makeSystemDirectory(home, account);
  if (fs.existsSync(inHome)) moveTree(inHome, path.join(own, name), account);
  fs.writeFileSync(`${home}/location.new`, `${own}\n`, { mode: 0o600 });
  fs.renameSync(`${home}/location.new`, `${home}/location`);
  return { ...files, dataDirectory: path.join(own, name), account, copiesDirectory: systemDirectory };
}

function readLocation(home: string): string | undefined {
  try {
    return fs.readFileSync(path.join(home, 'location'), 'utf8').trim() || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * The random part keeps a home that was removed and made again from finding the data of the one before it:
 * removing DATUM_HOME means starting afresh.
 */
function makeSystemDirectory(home: string, account: Account): string {
  const hash = createHash('sha256').update(home).update(randomBytes(16)).digest('hex').slice(0, 16);
  const own = path.join(systemDirectory, hash);
  fs.mkdirSync(systemDirectory, { recursive: true });
  fs.chmodSync(systemDirectory, 0o755);
  fs.mkdirSync(own, { mode: 0o700 });
  give(account, own);
  return own;
}

/**
 * Data that were in a home which has been closed to the account since then (chmod 0700) follow to the new
 * place.
 */
function moveTree(from: string, to: string, account: Account): void {
  const partial = `${to}.moving`;
  fs.cpSync(from, partial, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  giveTree(account, partial);
  fs.chmodSync(partial, 0o700);
  fs.renameSync(partial, to);
  fs.renameSync(from, `${from}.moved`);
}

function takeOwnership({ dataDirectory, account }: ClusterLocation): void {
  if (account.uid === undefined || !fs.existsSync(dataDirectory)) return;
  if (fs.statSync(dataDirectory).uid !== account.uid) giveTree(account, dataDirectory);
}
