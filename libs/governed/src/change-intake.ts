import type { FieldProblem } from '@datum/platform';
import { isPlainObject, type Attribute } from './attribute.js';
import type { RecordChange } from './change.js';
import type { AnyRecord } from './record-definition.js';
import type { WireRecord } from './record-rows.js';

/** A change after its shape was checked: attributes in canonical form, references resolved, and every problem that was found. */
export interface IntakeChange {
  change: RecordChange;
  attributes: Record<string, unknown>;
  problems: FieldProblem[];
}

const readOnly = new Set(['id', 'version', 'createdAt', 'updatedAt', 'provenance', 'freshness', 'local']);

/** Unknown and read-only fields are refused, not ignored: a writer must never believe that something was written that was not. */
export function takeIn(definition: AnyRecord, change: RecordChange): IntakeChange {
  const problems: FieldProblem[] = [];
  const attributes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(change.attributes)) {
    const attribute = Object.hasOwn(definition.attributes, name) ? definition.attributes[name] : undefined;
    if (!attribute) {
      const known = readOnly.has(name);
      problems.push({ pointer: `#/${name}`, code: known ? 'field.read-only' : 'field.unknown', detail: known ? 'Set by the gateway.' : `A ${definition.type} has no such field.` });
    } else if (attribute.computed) {
      problems.push({ pointer: `#/${name}`, code: 'field.read-only', detail: 'Computed by the gateway.' });
    } else {
      attributes[name] = value;
    }
  }
  return { change, attributes, problems };
}

/** Checks the values against their attributes. Localized text and maps are merge patches themselves: their null members stay for the merge. */
export function checkValues(definition: AnyRecord, intake: IntakeChange): void {
  for (const [name, value] of Object.entries(intake.attributes)) {
    const attribute = definition.attributes[name]!;
    if (value === null) {
      if (attribute.required) intake.problems.push({ pointer: `#/${name}`, code: 'field.required', detail: 'Cannot be cleared.' });
      continue;
    }
    const parsed = attribute.parse(isMergeable(attribute) && isPlainObject(value) ? withoutNulls(value) : value);
    if ('problem' in parsed) {
      const { at, code, detail } = parsed.problem;
      intake.problems.push({ pointer: at === undefined ? `#/${name}` : `#/${name}/${at}`, code, detail });
    } else if (!isMergeable(attribute)) {
      intake.attributes[name] = parsed.value;
    }
  }
}

/** Required attributes that a create left out. */
export function checkRequired(definition: AnyRecord, record: Record<string, unknown>, problems: FieldProblem[]): void {
  for (const [name, attribute] of Object.entries(definition.attributes)) {
    const reported = problems.some((problem) => problem.pointer.startsWith(`#/${name}`));
    if (attribute.required && (record[name] ?? null) === null && !reported) {
      problems.push({ pointer: `#/${name}`, code: 'field.required', detail: 'Needed to create a record.' });
    }
  }
}

/** The record after the patch, and what differs. Pure; `before` undefined on create. */
export function merge(
  definition: AnyRecord, before: WireRecord | undefined, attributes: Record<string, unknown>,
): { after: Record<string, unknown>; changed: Record<string, unknown> } {
  const after: Record<string, unknown> = {};
  const changed: Record<string, unknown> = {};
  for (const [name, attribute] of Object.entries(definition.attributes)) {
    const old = before?.[name] ?? null;
    const wished = Object.hasOwn(attributes, name) ? mergeValue(attribute, old, attributes[name]) : old;
    after[name] = wished;
    if (!sameValue(old, wished)) changed[name] = wished;
  }
  return { after, changed };
}

function mergeValue(attribute: Attribute, old: unknown, wished: unknown): unknown {
  if (!isMergeable(attribute) || !isPlainObject(wished)) return wished;
  const merged = { ...(isPlainObject(old) ? old : {}), ...wished };
  const left = withoutNulls(merged);
  return Object.keys(left).length === 0 ? null : (left);
}

const isMergeable = (attribute: Attribute): boolean => attribute.kind === 'localized' || attribute.kind === 'map';

const withoutNulls = (object: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));

function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length
    && keys.every((key) => sameValue((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}
