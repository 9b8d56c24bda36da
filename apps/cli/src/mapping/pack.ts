import fs from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { usage } from '../cli-error.js';

const expression = z.unknown();
const localKey = z.strictObject({ system: z.string(), code: expression, site: z.string().optional() });

const sourceFormat = {
  format: z.enum(['csv', 'tsv', 'ndjson']).optional(),
  delimiter: z.string().length(1).optional(),
  encoding: z.string().optional(),
  /** Whether cells were guarded against formulas when they were exported, as `datum export` does. */
  guarded: z.boolean().optional(),
};

const importStep = z.strictObject({
  name: z.string(),
  /** REST collection: items, boms, suppliers. Without one the file is only checked against the pack: every code must have its meaning. */
  record: z.string().optional(),
  file: z.string(),
  optional: z.boolean().optional(),
  ...sourceFormat,
  op: z.enum(['create', 'update', 'upsert']).optional(),
  /** Rows that are not meant, with the reason that is reported for them. */
  skip: z.array(z.strictObject({ when: z.unknown(), reason: z.string() })).optional(),
  /** Columns that make a record here; further rows of the same are skipped. For headers that are made out of their lines. */
  distinct: z.array(z.string()).optional(),
  key: z.record(z.string(), expression).optional(),
  attributes: z.record(z.string(), expression),
  localKeys: z.array(localKey).optional(),
});

const rule = z.strictObject({
  domain: z.string(), groups: z.array(z.string()).min(1), owner: z.string(), site: z.string().optional(),
  conflictPolicy: z.string().optional(), mode: z.string().optional(),
});

const packSchema = z.strictObject({
  pack: z.string(),
  version: z.number().int().optional(),
  description: z.string().optional(),
  sites: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  systems: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  ownership: z.strictObject({ steward: z.string(), deputySteward: z.string(), rules: z.array(rule) }).optional(),
  codes: z.record(z.string(), z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))).optional(),
  tables: z.record(z.string(), z.strictObject({ file: z.string(), key: z.string(), optional: z.boolean().optional(), ...sourceFormat })).optional(),
  imports: z.array(importStep).min(1),
});

export type Pack = z.infer<typeof packSchema>;
export type ImportStep = Pack['imports'][number];
export type PackRule = NonNullable<Pack['ownership']>['rules'][number];
export type SourceFormat = Pick<ImportStep, 'format' | 'delimiter' | 'encoding' | 'guarded'>;

export const isPackFile = (target: string): boolean => /\.ya?ml$/i.test(target);

/** Reads a mapping pack. @throws CliError that names the place and what is wrong there */
export async function readPack(file: string): Promise<{ pack: Pack; text: string }> {
  const text = await fs.readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw usage(`${file} cannot be read: ${error.message}`);
  });
  let source: unknown;
  try {
    source = parse(text, { maxAliasCount: 100 });
  } catch (error) {
    throw usage(`${path.basename(file)} is no YAML: ${(error as Error).message}`);
  }
  const checked = packSchema.safeParse(source);
  if (checked.success) return { pack: checked.data, text };
  const places = checked.error.issues.slice(0, 10).map(({ path: at, message }) => `  ${at.join('.') || '(top)'}: ${message}`);
  throw usage(`${path.basename(file)} is not a pack:\n${places.join('\n')}`);
}
