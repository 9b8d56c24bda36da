import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { ApiClient } from '../api-client.js';
import type { Io } from '../io.js';
import { readPack, type Pack, type PackRule } from '../mapping/pack.js';
import { sessionOf, type Session } from './session.js';

interface Rule { id: string; version: number; attributeGroup: string; site: string | null; owner: string; effectiveFrom: string; effectiveTo: string | null }
interface Explanation { attributeGroup: string; at: string; owners: string[]; sentence: string }

export function addSetup(program: Command, io: Io): void {
  program.command('setup')
    .description('put in place what a pack needs before its rows can come: sites, systems and ownership rules (needs registry.admin and governance)')
    .argument('<pack>', 'a pack.yaml')
    .option('--dry-run', 'only say what would change')
    .action(async (file: string, { dryRun = false }: { dryRun?: boolean }, command: Command) => setup(sessionOf(io, command), file, dryRun));
}

async function setup(session: Session, file: string, dryRun: boolean): Promise<void> {
  const { pack } = await readPack(path.resolve(session.io.cwd, file));
  const client = await session.client();
  const changes = [
    ...(await register(client, 'sites', pack.sites ?? {}, dryRun)),
    ...(await register(client, 'systems', pack.systems ?? {}, dryRun)),
    ...(pack.ownership ? await writeRules(client, pack.ownership, dryRun) : []),
  ];
  const lead = dryRun ? 'Would be changed' : 'Changed';
  session.print({ changes, dryRun }, changes.length === 0 ? 'Everything is in place already.' : [`${lead}:`, ...changes.map((change) => `  ${change}`)].join('\n'));
}

/** What is there already is left as it is. */
async function register(client: ApiClient, collection: string, entries: Record<string, object>, dryRun: boolean): Promise<string[]> {
  const changes: string[] = [];
  for (const [code, body] of Object.entries(entries)) {
    const known = await client.get(`/v1/${collection}/${code}`, { accept: [404] });
    if (known.status !== 404) continue;
    if (!dryRun) await client.send('PUT', `/v1/${collection}/${code}`, { body, headers: { 'if-none-match': '*' } });
    changes.push(`${collection.slice(0, -1)} ${code} is registered`);
  }
  return changes;
}

/**
 * A rule that gives the group to somebody else at the same scope is ended now, and the pack's begins now: history says who decided until then.
 * There is never more than one owner, so the end comes first.
 */
async function writeRules(client: ApiClient, { steward, deputySteward, rules }: NonNullable<Pack['ownership']>, dryRun: boolean): Promise<string[]> {
  const { body: { at } } = await client.get<Explanation>('/v1/ownership/explain?domain=ownership&attribute=rule');
  const changes: string[] = [];
  let last: { rule: PackRule; group: string } | undefined;
  for (const rule of rules) {
    const known = await rulesOf(client, rule.domain);
    for (const group of rule.groups) {
      const inForce = known.find((each) => each.attributeGroup === group && each.site === (rule.site ?? null) && holds(each, at));
      if (inForce?.owner === rule.owner) continue;
      const where = rule.site === undefined ? 'at every site' : `at site ${rule.site}`;
      changes.push(`${rule.domain}/${group} ${where}: ${inForce ? `${inForce.owner} until now, ` : ''}${rule.owner} from now on`);
      if (dryRun) continue;
      if (inForce) await client.send('PATCH', `/v1/ownership/rules/${inForce.id}`, { body: { effectiveTo: at }, headers: { 'if-match': `"v${inForce.version}"` } });
      const { owner, domain, site, conflictPolicy = 'owner-wins', mode = 'enforce' } = rule;
      await client.post('/v1/ownership/rules', { body: { domain, attributeGroup: group, ...(site ? { site } : {}), owner, conflictPolicy, mode, steward, deputySteward, effectiveFrom: at } });
      last = { rule, group };
    }
  }
  if (last) await untilInForce(client, last);
  return changes;
}

const holds = ({ effectiveFrom, effectiveTo }: Rule, at: string): boolean =>
  Date.parse(effectiveFrom) <= Date.parse(at) && (effectiveTo === null || Date.parse(at) < Date.parse(effectiveTo));

async function rulesOf(client: ApiClient, domain: string): Promise<Rule[]> {
  return (await client.get<{ data: Rule[] }>(`/v1/ownership/rules?limit=500&filter[domain][eq]=${encodeURIComponent(domain)}`)).body.data;
}

/** Rules reach every process behind the ledger, within about a second. */
async function untilInForce(client: ApiClient, { rule, group }: { rule: PackRule; group: string }): Promise<void> {
  const query = new URLSearchParams({ domain: rule.domain, attribute: group, ...(rule.site ? { site: rule.site } : {}) }).toString();
  for (let tries = 0; tries < 40; tries += 1) {
    const { body } = await client.get<Explanation>(`/v1/ownership/explain?${query}`);
    if (body.owners.includes(rule.owner) || body.attributeGroup !== group) return;
    await sleep(250);
  }
}
