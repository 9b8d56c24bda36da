import type { OwnershipRule } from './ownership-rule.js';

/**
 * The rules compiled for look-up: per domain and group, most specific first, then the one that became effective last. Immutable: a change makes a new
 * table, so that a decision never sees half a change.
 */
export class OwnershipTable {
  private readonly byGroup = new Map<string, CompiledRule[]>();

  constructor(readonly rules: readonly OwnershipRule[]) {
    for (const rule of rules) {
      const key = `${rule.domain}\n${rule.attributeGroup}`;
      const list = this.byGroup.get(key);
      if (list) list.push(compiled(rule));
      else this.byGroup.set(key, [compiled(rule)]);
    }
    for (const list of this.byGroup.values()) list.sort(bySpecificity);
  }

  /** The rule in force for the group at the site at the business time `at`; undefined when nobody was given it. */
  find(domain: string, group: string, site: string | null, at: string): OwnershipRule | undefined {
    const atMs = Date.parse(at);
    const candidates = this.byGroup.get(`${domain}\n${group}`);
    return candidates?.find(({ rule, fromMs, toMs }) => (rule.site === null || rule.site === site) && fromMs <= atMs && atMs < toMs)?.rule;
  }
}

/** Instants are compared as time: texts of different precision do not sort alike. */
interface CompiledRule { rule: OwnershipRule; fromMs: number; toMs: number }

const compiled = (rule: OwnershipRule): CompiledRule =>
  ({ rule, fromMs: Date.parse(rule.effectiveFrom), toMs: rule.effectiveTo === null ? Infinity : Date.parse(rule.effectiveTo) });

function bySpecificity(a: CompiledRule, b: CompiledRule): number {
  if ((a.rule.site === null) !== (b.rule.site === null)) return a.rule.site === null ? 1 : -1;
  return b.fromMs - a.fromMs;
}
