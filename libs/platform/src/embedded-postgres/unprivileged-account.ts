import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** The account PostgreSQL runs as; empty when it is our own. */
export interface Account {
  uid?: number;
  gid?: number;
}

/**
 * PostgreSQL refuses to run as root. Root hands it to the owner of the data when there are data, else to
 * `postgres` or `nobody`: both exist already, so no account is created. An ordinary user keeps it.
 * @throws Error when the data belong to somebody else and we are not root, or when root finds neither
 * account.
 */
export function accountFor(dataDirectory: string): Account {
  const owner = fs.existsSync(dataDirectory) ? fs.statSync(dataDirectory) : undefined;
  const self = process.getuid?.();
  if (self !== 0) {
    if (owner && self !== undefined && owner.uid !== self) {
      const remedy = 'Start as that user or as root, or set DATUM_HOME.';
      throw new Error(`The data in ${dataDirectory} belong to uid ${owner.uid}. ${remedy}`);
    }
    return {};
  }
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return serviceAccount();
}

function serviceAccount(): Account {
  const lines = fs.readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const fields = lines.find(([user]) => user === name);
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error('PostgreSQL does not run as root, and there is no account "postgres" or "nobody" for it.');
}

/**
 * Whether the account can enter the directory: asked of the system, because modes alone do not tell (ACLs,
 * 0700 parents).
 */
export function canEnter(account: Account, directory: string): boolean {
  if (account.uid === undefined) return true;
  const visit = spawnSync('/bin/sh', ['-c', 'cd "$0"', directory], { ...account, cwd: '/', stdio: 'ignore' });
  return visit.status === 0;
}

/**
 * Gives a file or directory that we have just made to the account. A symlink put in its place is refused, not
 * followed.
 */
export function give(account: Account, target: string): void {
  if (account.uid === undefined) return;
  const handle = fs.openSync(target, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
  try {
    fs.fchownSync(handle, account.uid, account.gid!);
  } finally {
    fs.closeSync(handle);
  }
}

/** Gives a whole tree to the account, for data that ended up with root (a copy or an unpacked backup). */
export function giveTree(account: Account, root: string): void {
  if (account.uid === undefined) return;
  fs.lchownSync(root, account.uid, account.gid!);
  for (const entry of fs.readdirSync(root, { withFileTypes: true })) {
    const child = path.join(root, entry.name);
    if (entry.isDirectory()) giveTree(account, child);
    else fs.lchownSync(child, account.uid, account.gid!);
  }
}
