import fs from 'node:fs/promises';
import path from 'node:path';

/**
 * Secrets of the ERP adapters: `DATUM_HOME/erp-secrets.json`, mode 0600, an object of reference name to secret. Configurations name a secret, never hold it.
 * The file is read at every log-in, so that a rotated secret is taken up without a restart.
 * @throws Error when the file can be read by others than its owner
 */
export function erpSecrets(home: string): (name: string) => Promise<string> {
  const file = path.join(home, 'erp-secrets.json');
  return async (name) => {
    const stat = await fs.stat(file).catch(() => undefined);
    if (!stat) return '';
    if ((stat.mode & 0o077) !== 0) throw new Error(`${file} must be readable by its owner only (mode 0600).`);
    const secrets = JSON.parse(await fs.readFile(file, 'utf8')) as Record<string, unknown>;
    const secret = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
    return typeof secret === 'string' ? secret : '';
  };
}
