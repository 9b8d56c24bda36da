import { Injectable } from '@nestjs/common';
import { Database, malformed, parseInstant } from '@datum/platform';
import { groupOf, HistoryReader, RecordCatalogue, type AnyRecord } from '@datum/governed';
import { OwnershipService, type OwnershipExplanation, type OwnershipRule } from '@datum/ownership';
import { ownershipRuleRecord } from './ownership-rule.record.js';
import { ruleIdsOf } from './ownership-rule.repository.js';

/** Answers "who decides this?" for an attribute or a group by name. */
@Injectable()
export class OwnershipExplainer {
  constructor(
    private readonly database: Database,
    private readonly ownership: OwnershipService,
    private readonly catalogue: RecordCatalogue,
    private readonly history: HistoryReader,
  ) {}

  /** @throws AppError malformed when the domain or attribute is unknown, or `at` is no instant. */
  async explain(question: Record<string, string | undefined>): Promise<OwnershipExplanation> {
    const { domain = '', attribute = '', site } = question;
    const at = question.at === undefined ? undefined : parseInstant(question.at);
    if (question.at !== undefined && at === undefined) throw problem('at', 'instant.invalid', 'An RFC 3339 instant is expected.');
    const definitions = this.catalogue.all().filter((definition) => definition.domain === domain);
    if (definitions.length === 0) throw problem('domain', 'domain.unknown', `Known: ${[...new Set(this.catalogue.all().map((each) => each.domain))].sort().join(', ')}.`);
    const groups = definitions.flatMap((definition) => [groupAt(definition, attribute, site) ?? [], definition.groups[attribute] ? attribute : []].flat());
    const group = groups[0];
    if (!group) throw problem('attribute', 'attribute.unknown', `The domain ${domain} has no attribute or group of this name.`);
    const asked = { domain, group, site: site ?? null };
    return at === undefined ? this.ownership.explain(asked) : this.ownership.explain({ ...asked, at }, await this.rulesAsOf(domain, group, at));
  }

  /** The rules of a group as they stood at a business time, so that a past decision is explained by what was in force then and not by what it became. */
  private async rulesAsOf(domain: string, group: string, at: string): Promise<Map<string, OwnershipRule>> {
    const rules = new Map<string, OwnershipRule>();
    for (const id of await ruleIdsOf(this.database, domain, group)) {
      const first = await this.history.first(id);
      // A rule that was written later than it takes effect stands as it was first written.
      const asOf = first && Date.parse(first.validFrom) > Date.parse(at) ? first.validFrom : at;
      const state = await this.history.stateAt(ownershipRuleRecord, id, { asOf });
      if (state) rules.set(id, { ...state, siteModes: state.siteModes ?? {} } as unknown as OwnershipRule);
    }
    return rules;
  }
}

const groupAt = (definition: AnyRecord, attribute: string, site: string | undefined): string | undefined =>
  definition.attributes[attribute] && groupOf(definition, definition.site ? { [definition.site]: site } : {}, attribute);

const problem = (name: string, code: string, detail: string) =>
  malformed('query.invalid', detail, [{ pointer: `#/query/${name}`, code, detail }]);
