// One command that CI runs and people run the same: types, lint, import directions, house rules, published contract.
// Dependency-free; each step is a tool of the project. `npm run check -- types lint` runs only those steps.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';

process.chdir(path.resolve(import.meta.dirname, '..'));

const bin = (name) => path.join('node_modules', '.bin', name);

/** Runs a tool; its output is shown only when it fails. */
function run(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, env: { ...process.env, FORCE_COLOR: '0' } });
  return { ok: result.status === 0, output: `${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? String(result.error) : ''}` };
}

function sources(...roots) {
  const found = [];
  const walk = (directory) => {
    for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
      const file = path.join(directory, entry.name);
      if (entry.isDirectory() && entry.name !== 'node_modules') walk(file);
      else if (/\.ts$/.test(entry.name)) found.push(file);
    }
  };
  for (const root of roots) if (fs.existsSync(root)) walk(root);
  return found;
}

const steps = {
  types: () => run(bin('tsc'), ['-p', 'tsconfig.json', '--noEmit']),
  lint: () => run(bin('eslint'), ['--max-warnings', '0', '.']),
  /** A green check on nothing is worse than none: it must have seen at least every source file. */
  imports: () => {
    const { ok, output } = run(bin('depcruise'), ['apps', 'libs', 'test', 'migrations', '--config', '.dependency-cruiser.cjs', '-T', 'err-long']);
    const seen = Number(/(\d+) modules/.exec(output)?.[1] ?? 0);
    const expected = sources('apps', 'libs', 'test', 'migrations').length;
    if (seen < expected) return { ok: false, output: `${output}\nOnly ${seen} modules were seen, and there are ${expected} source files.` };
    return { ok, output };
  },
  house: () => {
    const problems = [];
    for (const file of sources('apps', 'libs').filter((name) => !/\.(spec|fixture)\.ts$/.test(name))) {
      const text = fs.readFileSync(file, 'utf8');
      for (const word of text.match(/\b(TODO|FIXME|XXX|HACK)\b/g) ?? []) problems.push(`${file}: unfinished word ${word}`);
    }
    for (const file of sources('apps', 'libs', 'test')) {
      if (/\b(it|test|describe)\.(skip|only|todo)\(/.test(fs.readFileSync(file, 'utf8'))) problems.push(`${file}: a skipped or focused test; use a loud runtime condition instead`);
    }
    for (const room of fs.readdirSync('libs')) {
      const readmes = room === 'erp' ? fs.readdirSync('libs/erp').map((kind) => `libs/erp/${kind}/README.md`) : [`libs/${room}/README.md`];
      for (const readme of readmes) if (!fs.existsSync(readme)) problems.push(`${readme} is missing: ten lines that explain the room`);
    }
    return { ok: problems.length === 0, output: problems.join('\n') };
  },
  /** Every platform's optional packages must stand in the lock, or npm ci fails elsewhere; and no registry host may. */
  lock: () => {
    const lock = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'));
    const problems = [];
    for (const [place, { optionalDependencies = {}, resolved }] of Object.entries(lock.packages)) {
      if (resolved && !resolved.startsWith('file:')) problems.push(`${place}: carries a registry address`);
      for (const name of Object.keys(optionalDependencies)) if (!isLocked(lock, place, name)) problems.push(`${place}: optional ${name} is not in the lock`);
    }
    return { ok: problems.length === 0, output: problems.join('\n') };
  },
  openapi: () => run(bin('spectral'), ['lint', 'openapi/v1.json', '--ruleset', '.spectral.yaml', '--fail-severity', 'warn']),
};

function isLocked(lock, place, name) {
  for (let at = place; ;) {
    if (lock.packages[`${at ? `${at}/` : ''}node_modules/${name}`]) return true;
    if (!at) return false;
    const up = at.lastIndexOf('node_modules/');
    at = up > 0 ? at.slice(0, up - 1) : '';
  }
}

const wanted = process.argv.slice(2);
let failed = 0;
for (const [name, step] of Object.entries(steps)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const started = Date.now();
  const { ok, output } = step();
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
  if (!ok) {
    failed += 1;
    process.stdout.write(`${output.trim().split('\n').slice(0, 200).map((line) => `     ${line}`).join('\n')}\n`);
  }
}
process.stdout.write(failed === 0 ? 'check: all good\n' : `check: ${failed} step(s) failed\n`);
process.exit(failed === 0 ? 0 : 1);
