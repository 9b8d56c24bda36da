import { canonicalJson } from '@datum/platform';
import { isPlainObject, type AnyRecord, type Attribute } from '@datum/governed';
import type { ErpRecord } from './erp-port.js';
import type { Values } from './write-request.js';

/** How the values of one record type look in one ERP. */
export interface ErpForm {
  definition: AnyRecord;
  /** ISO 4217 code of the amounts that the ERP keeps without one. */
  currency: string | undefined;
}

const isMergeable = ({ kind }: Attribute): boolean => kind === 'localized' || kind === 'map';

/** An ERP's value in the canonical form of the attribute; what it cannot be read as stays as it is, and so equals nothing of ours. */
export function fromErp({ definition, currency }: ErpForm, name: string, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  const attribute = definition.attributes[name]!;
  const shaped = attribute.kind === 'money' && typeof value === 'string' && currency ? { amount: value, currency } : value;
  const parsed = attribute.parse(shaped);
  return 'problem' in parsed ? shaped : parsed.value;
}

/** Our value as the ERP takes it: amounts without a currency where the ERP knows only its own. */
export function toErp({ definition, currency }: ErpForm, name: string, value: unknown, held: unknown): unknown {
  const isAmountOnly = definition.attributes[name]!.kind === 'money' && currency !== undefined && (held === null || held === undefined || typeof held === 'string');
  return isAmountOnly && isPlainObject(value) && value.currency === currency ? value.amount : value;
}

/** The touched attributes as the ERP holds them, of those that it can show. */
export function touchedValues(form: ErpForm, record: ErpRecord, names: readonly string[]): Values {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(record.attributes, name)).map((name) => [name, fromErp(form, name, record.attributes[name])]));
}

/** What the ERP shall hold afterwards: texts and maps are merged into what it holds, everything else is replaced. */
export function wishedValues(form: ErpForm, patch: Values, held: Values): Values {
  return Object.fromEntries(Object.entries(patch).map(([name, wish]) => {
    const attribute = form.definition.attributes[name]!;
    if (wish === null) return [name, null];
    if (!isMergeable(attribute) || !isPlainObject(wish)) return [name, fromErp(form, name, wish)];
    const merged = withoutNulls({ ...(isPlainObject(held[name]) ? held[name] : {}), ...wish });
    return [name, Object.keys(merged).length === 0 ? null : merged];
  }));
}

const withoutNulls = (object: Values): Values => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));

export const sameValue = (a: unknown, b: unknown): boolean => canonicalJson(a ?? null) === canonicalJson(b ?? null);

/** Whether two states agree in what the patch touches: of texts and maps, only the members that it names. */
export function agree(form: ErpForm, patch: Values, a: Values, b: Values): boolean {
  return Object.entries(patch).every(([name, wish]) => {
    if (!isMergeable(form.definition.attributes[name]!) || !isPlainObject(wish)) return sameValue(a[name], b[name]);
    return Object.keys(wish).every((member) => sameValue(memberOf(a[name], member), memberOf(b[name], member)));
  });
}

/** Whether each value, or member of a text or map, that the patch touches is as in one of the states. */
export function agreesWithAny(form: ErpForm, patch: Values, states: readonly Values[], held: Values): boolean {
  const parts = Object.entries(patch).flatMap(([name, wish]): Values[] => (isMergeable(form.definition.attributes[name]!) && isPlainObject(wish)
    ? Object.entries(wish).map(([member, value]) => ({ [name]: { [member]: value } })) : [{ [name]: wish }]));
  return parts.every((part) => states.some((state) => agree(form, part, state, held)));
}

const memberOf = (value: unknown, member: string): unknown => (isPlainObject(value) ? value[member] : null);

/** What of a patch can be seen in the ERP's values. A record's own key cannot: the ERP has a code of its own for it. */
export const shownPatch = ({ definition }: ErpForm, patch: Values, held: Values): Values =>
  Object.fromEntries(Object.entries(patch).filter(([name]) => Object.hasOwn(held, name) && !definition.key.includes(name)));

/** What the golden record takes over of the ERP's values: of texts and maps, only the members that the patch names. */
export function confirmedPatch(form: ErpForm, patch: Values, held: Values): Values {
  return Object.fromEntries(Object.entries(shownPatch(form, patch, held)).map(([name, wish]) => {
    if (!isMergeable(form.definition.attributes[name]!) || !isPlainObject(wish)) return [name, held[name] ?? null];
    return [name, Object.fromEntries(Object.keys(wish).map((member) => [member, memberOf(held[name], member) ?? null]))];
  }));
}

