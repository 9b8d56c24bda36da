import type { IntakeChange } from './change-intake.js';
import type { AnyRecord } from './record-definition.js';

/** Which record a change means, where that is known already. */
export function idOf(definition: AnyRecord, intake: IntakeChange, byKey: ReadonlyMap<string, string>): string | undefined {
  if (intake.change.id) return intake.change.id;
  const key = keyValues(definition, intake);
  return key && byKey.get(keyText(definition, key));
}

/** The natural key a change names: in `key`, else among its attributes. Undefined when a part is missing. */
export function keyValues(definition: AnyRecord, { change, attributes }: IntakeChange): Record<string, unknown> | undefined {
  const source = change.key ?? attributes;
  const key: Record<string, unknown> = {};
  for (const name of definition.key) {
    const value = source[name] ?? null;
    if (value === null && definition.attributes[name]!.required) return undefined;
    const parsed = value === null ? { value } : definition.attributes[name]!.parse(value);
    if ('problem' in parsed) return undefined;
    key[name] = parsed.value;
  }
  return key;
}

export const keyText = (definition: AnyRecord, key: Record<string, unknown>): string => JSON.stringify(definition.key.map((name) => key[name] ?? null));
