import { Injectable } from '@nestjs/common';
import { malformed, parseInstant } from '@datum/platform';
import { groupOf, RecordCatalogue, type AnyRecord } from '@datum/governed';
import { OwnershipService, type OwnershipExplanation } from '@datum/ownership';

/** Answers "who decides this?" for an attribute or a group by name. */
@Injectable()
export class OwnershipExplainer {
  constructor(private readonly ownership: OwnershipService, private readonly catalogue: RecordCatalogue) {}

  /** @throws AppError malformed when the domain or attribute is unknown, or `at` is no instant. */
  explain(question: Record<string, string | undefined>): OwnershipExplanation {
    const { domain = '', attribute = '', site } = question;
    const at = question.at === undefined ? undefined : parseInstant(question.at);
    if (question.at !== undefined && at === undefined) throw problem('at', 'instant.invalid', 'An RFC 3339 instant is expected.');
    const definitions = this.catalogue.all().filter((definition) => definition.domain === domain);
    if (definitions.length === 0) throw problem('domain', 'domain.unknown', `Known: ${[...new Set(this.catalogue.all().map((each) => each.domain))].sort().join(', ')}.`);
    const groups = definitions.flatMap((definition) => [groupAt(definition, attribute, site) ?? [], definition.groups[attribute] ? attribute : []].flat());
    const group = groups[0];
    if (!group) throw problem('attribute', 'attribute.unknown', `The domain ${domain} has no attribute or group of this name.`);
    return this.ownership.explain(domain, group, site ?? null, at);
  }
}

const groupAt = (definition: AnyRecord, attribute: string, site: string | undefined): string | undefined =>
  definition.attributes[attribute] && groupOf(definition, definition.site ? { [definition.site]: site } : {}, attribute);

const problem = (name: string, code: string, detail: string) =>
  malformed('query.invalid', detail, [{ pointer: `#/query/${name}`, code, detail }]);
