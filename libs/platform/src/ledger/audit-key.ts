import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { keyIdOf } from './sealed-block.js';

/** The Ed25519 key that seals the ledger. It lies outside the database, so that who can write there cannot seal. */
export interface AuditKey {
  keyId: string;
  /** SPKI, DER, base64. */
  publicKey: string;
  /** Base64. */
  sign(bytes: Buffer): string;
}

const keyFile = /^audit-[0-9a-f]{16}\.pem$/;

/** Opens the newest `audit-<key id>.pem` of the directory, or makes one, readable by its owner alone. A newer file takes over: rotation. */
export function openAuditKey(directory: string): AuditKey {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const newest = readdirSync(directory)
    .filter((name) => keyFile.test(name))
    .map((name) => ({ file: path.join(directory, name), at: statSync(path.join(directory, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at)[0];
  return newest ? toAuditKey(createPrivateKey(readFileSync(newest.file))) : createAuditKey(directory);
}

function createAuditKey(directory: string): AuditKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  const key = toAuditKey(privateKey);
  const file = path.join(directory, `audit-${key.keyId}.pem`);
  writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600, flag: 'wx' });
  return key;
}

function toAuditKey(privateKey: KeyObject): AuditKey {
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).toString('base64');
  return { keyId: keyIdOf(publicKey), publicKey, sign: (bytes) => sign(null, bytes, privateKey).toString('base64') };
}
