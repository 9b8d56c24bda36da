import type { FieldProblem, Queryable } from '@datum/platform';
import { isPlainObject } from './attribute.js';
import { idsByLocalKeys } from './local-key.repository.js';
import type { RecordCatalogue } from './record-catalogue.js';
import type { AnyRecord } from './record-definition.js';
import { idsByKeys } from './record.repository.js';

interface Wish { owner: { attributes: Record<string, unknown>; problems: FieldProblem[] }; name: string; definition: AnyRecord; value: Record<string, unknown> }

/**
 * Writers may name a referenced record by its natural key, `{"code": "ACT-500"}`, or by a system's own key, `{"system": "CE", "code": "100500"}` (with
 * `site` where one system serves several). Replaces those by ids, one statement per referenced type for the whole batch.
 */
export async function resolveReferences(
  queryable: Queryable,
  catalogue: RecordCatalogue,
  definition: AnyRecord,
  changes: readonly { attributes: Record<string, unknown>; problems: FieldProblem[] }[],
): Promise<void> {
  const references = Object.entries(definition.attributes).filter(([, attribute]) => attribute.refers);
  if (references.length === 0) return;
  const wishes: Wish[] = [];
  for (const owner of changes) {
    for (const [name, attribute] of references) {
      const value = owner.attributes[name];
      if (isPlainObject(value)) wishes.push({ owner, name, definition: catalogue.get(attribute.refers!), value });
    }
  }
  for (const target of new Set(wishes.map((wish) => wish.definition))) {
    await resolveOfType(queryable, target, wishes.filter((wish) => wish.definition === target));
  }
}

async function resolveOfType(queryable: Queryable, target: AnyRecord, wishes: Wish[]): Promise<void> {
  const byLocalKey = wishes.filter((wish) => typeof wish.value.system === 'string');
  const byCode = wishes.filter((wish) => (wish.value.system ?? null) === null);
  const field = target.key[0]!;
  const natural = byCode.filter((wish) => typeof codeOf(wish, field) === 'string');
  const found = target.key.length === 1 ? await idsByKeys(queryable, target, distinct(natural.map((wish) => ({ [field]: codeOf(wish, field) })))) : [];
  const idByCode = new Map(found.map((row) => [String(row[field]), [row.id]]));
  const idsByLocal = await idsByLocalKeys(queryable, target.type, byLocalKey.map((wish) => wish.value as { system: string; code: string; site?: string }));
  for (const wish of byCode) settle(wish, idByCode.get(String(codeOf(wish, field))) ?? []);
  byLocalKey.forEach((wish, i) => settle(wish, idsByLocal[i] ?? []));
}

const codeOf = (wish: Wish, field: string): unknown => wish.value.code ?? wish.value[field];

function settle({ owner, name, value, definition }: Wish, ids: readonly string[]): void {
  if (ids.length === 1) {
    owner.attributes[name] = ids[0];
    return;
  }
  delete owner.attributes[name];
  const what = typeof value.system === 'string' ? `${value.system} key ${String(value.code)}` : `key ${String(value.code ?? JSON.stringify(value))}`;
  const detail = ids.length === 0 ? `There is no ${definition.type} with the ${what}.` : `The ${what} means ${ids.length} records of type ${definition.type}; add "site".`;
  owner.problems.push({ pointer: `#/${name}`, code: ids.length === 0 ? 'reference.not-found' : 'reference.ambiguous', detail });
}

function distinct<T>(values: T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
