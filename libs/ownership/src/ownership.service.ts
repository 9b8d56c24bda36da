import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Clock, Database, Renewal } from '@datum/platform';
import { RegistryDirectory } from '@datum/registry';
import { decide, ownersOf, type OwnershipQuestion, type OwnershipVerdict } from './decide.js';
import { ruleSentence } from './explain.js';
import { modeAt, type OwnershipRule } from './ownership-rule.js';
import { readOwnershipRules } from './ownership-rule.repository.js';
import { OwnershipTable } from './ownership-table.js';

export interface OwnershipExplanation {
  domain: string;
  attributeGroup: string;
  site: string | null;
  at: string;
  sentence: string;
  owners: readonly string[];
  mode: string;
  rule: OwnershipRule | null;
}

export interface ExplainQuestion { domain: string; group: string; site: string | null; at?: string }

/** @property atSites the records that the group belongs to are each at a site */
export interface OwnedGroup { domain: string; group: string; atSites: boolean }

/** Who may change the rules is not itself a rule that can be lost: without this one, an installation could lock itself out. */
const constitution: OwnershipRule = {
  id: '00000000-0000-7000-8000-00000000c057', version: 1, domain: 'ownership', attributeGroup: 'rule', site: null, owner: 'role:governance',
  conflictPolicy: 'hold-for-human', mode: 'enforce', siteModes: {}, steward: 'governance-board', deputySteward: 'administrator',
  effectiveFrom: '1970-01-01T00:00:00Z', effectiveTo: null,
};

/** The compiled ownership rules of this process. Refreshed by the ledger's tail whenever a rule changes. */
@Injectable()
export class OwnershipService implements OnModuleDestroy {
  private table = new OwnershipTable([constitution]);
  private readonly renewal: Renewal<OwnershipRule[]>;

  constructor(
    database: Database,
    private readonly directory: RegistryDirectory,
    private readonly clock: Clock,
  ) {
    this.renewal = new Renewal('ownership rules', () => readOwnershipRules(database), (rules) => { this.table = new OwnershipTable([...rules, constitution]); });
  }

  /** Reads the rules anew. What fails is tried again until it succeeds; `isBehind` meanwhile. */
  refresh(): Promise<void> {
    return this.renewal.renew();
  }

  /** True while rules have changed that could not be read. */
  get isBehind(): boolean {
    return this.renewal.isBehind;
  }

  onModuleDestroy(): void {
    this.renewal.stop();
  }

  decide(question: Omit<OwnershipQuestion, 'at'> & { at?: string }): OwnershipVerdict {
    return decide(this.table, this.directory, { ...question, at: question.at ?? this.clock.now() });
  }

  /**
   * Who decides the group at the site at that business time, in a sentence. Never throws: "nobody" is an answer too.
   * @param past rules as they stood then, by id; a rule that is not among them has not changed since
   */
  explain({ domain, group, site, at = this.clock.now() }: ExplainQuestion, past: ReadonlyMap<string, OwnershipRule> = new Map()): OwnershipExplanation {
    const table = past.size === 0 ? this.table : new OwnershipTable(this.table.rules.map((rule) => past.get(rule.id) ?? rule));
    const rule = table.find(domain, group, site, at);
    if (!rule) {
      const sentence = `Nobody was given the ${group} of ${domain} records ${site === null ? '' : `at site ${site} `}at ${at}: every write is refused.`;
      return { domain, attributeGroup: group, site, at, sentence, owners: [], mode: 'enforce', rule: null };
    }
    const owners = ownersOf(rule, this.directory, site, null);
    return { domain, attributeGroup: group, site, at, sentence: ruleSentence(rule, owners, site), owners, mode: modeAt(rule, site), rule };
  }

  /**
   * Where no rule covers the groups now: groups of records at sites at each live site, the others without a site. A rule for all sites covers either.
   * Readiness fails while there is one.
   */
  uncovered(groups: readonly OwnedGroup[], at: string = this.clock.now()): { domain: string; group: string; site: string | null }[] {
    const live = this.directory.sites().filter(({ mode }) => mode === 'live').map(({ code }) => code);
    return groups.flatMap(({ domain, group, atSites }) => (atSites && live.length > 0 ? live : [null])
      .filter((site) => !this.table.find(domain, group, site, at))
      .map((site) => ({ domain, group, site })));
  }
}
