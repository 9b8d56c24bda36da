/** The member at a dotted path, own members only; undefined where the path ends early. */
export function memberAt(value: unknown, dotted: string): unknown {
  let present = value;
  for (const name of dotted.split('.')) {
    if (typeof present !== 'object' || present === null || !Object.hasOwn(present, name)) return undefined;
    present = (present as Record<string, unknown>)[name];
  }
  return present;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
