import { Injectable } from '@nestjs/common';
import {
  AppError, Database, hasScope, invalid, maySeeSite, parseDecimal, type Actor, type FieldProblem, type RequestContext, type TxContext,
} from '@datum/platform';
import { isPlainObject, RecordWriter, type RecordChange } from '@datum/governed';
import { autoThreshold, matchScore, stewardThreshold } from './match-score.js';
import { linkedSupplier, nearSuppliers, type KnownParty } from './match.repository.js';
import { matchCandidateRecord } from './match-candidate.record.js';
import { comparableName, comparableTaxId } from './name-similarity.js';

/** A system's supplier, as it calls it. */
export interface SourceParty { system: string; code: string; site: string | null; name: string; gln: string | null; taxIds: string[]; country: string | null }

export interface MatchedCandidate { id: string; supplierId: string; supplierCode: string; supplierName: string; score: string; explanation: string[] }

/** `linked`: known before. `auto`: linked now. `steward`: somebody has to decide. `none`: nobody near. */
export interface MatchResult { system: string; code: string; decision: 'linked' | 'auto' | 'steward' | 'none'; supplierId: string | null; candidates: MatchedCandidate[] }

export const matchRowsMax = 500;

/** Finds which of our suppliers a system's records mean. The same records against the same suppliers give the same answer. */
@Injectable()
export class PartyMatcher {
  constructor(private readonly database: Database, private readonly writer: RecordWriter) {}

  /**
   * What it stores is written in the gateway's name, so who may ask is settled here: a system for its own codes at the sites of its credential, a steward
   * (`supplier.decide`) for those of every system.
   * @throws AppError 422 with a pointer per wrong record; 403 with a pointer per record of another system or site
   */
  async match(context: RequestContext, records: unknown): Promise<MatchResult[]> {
    const sources = readSources(records);
    refuseForeign(context.actor, sources);
    return this.database.transaction(context, async (tx) => {
      const results: MatchResult[] = [];
      for (const source of sources) results.push(await this.matchOne(tx, source));
      return results;
    });
  }

  private async matchOne(context: TxContext, source: SourceParty): Promise<MatchResult> {
    const { system, code } = source;
    const linked = await linkedSupplier(context.tx, source);
    if (linked !== undefined) return { system, code, decision: 'linked', supplierId: linked, candidates: [] };
    const near = await nearSuppliers(context.tx, { name: comparableName(source.name), gln: source.gln, taxIds: source.taxIds.map(comparableTaxId), source });
    const scored = near.map((party) => ({ party, ...matchScore(source, party) })).filter(({ score }) => score >= stewardThreshold)
      .sort((a, b) => b.score - a.score || (a.party.code < b.party.code ? -1 : 1)).slice(0, 5);
    // Two that both look certain are not certain.
    const auto = scored.length > 0 && scored[0]!.score >= autoThreshold && (scored[1]?.score ?? 0) < autoThreshold;
    const ids = await this.store(context, source, scored, auto);
    const candidates = scored.map(({ party, score, explanation }, i) => ({
      id: ids[i]!, supplierId: party.id, supplierCode: party.code, supplierName: party.name, score: decimalOf(score), explanation,
    }));
    return { system, code, decision: auto ? 'auto' : scored.length > 0 ? 'steward' : 'none', supplierId: auto ? scored[0]!.party.id : null, candidates };
  }

  private async store(context: TxContext, source: SourceParty, scored: { party: KnownParty; score: number; explanation: string[] }[], auto: boolean): Promise<string[]> {
    const changes = scored.map(({ party, score, explanation }, i): RecordChange => ({ op: 'upsert', attributes: {
      system: source.system, site: source.site, sourceCode: source.code, sourceName: source.name, supplierId: party.id, score: decimalOf(score), explanation,
      ...(auto && i === 0 ? { decision: 'auto-accepted', decisionReason: `Score ${decimalOf(score)} is at least ${autoThreshold}.` } : {}),
    } }));
    const results = changes.length > 0 ? await this.writer.applyConsequence(context, matchCandidateRecord, changes) : [];
    return results.map((result) => {
      if (result.status === 'refused') throw result.error;
      return result.record.id;
    });
  }
}

function refuseForeign(actor: Actor, sources: readonly SourceParty[]): void {
  const errors = sources.flatMap(({ system, site }, i): FieldProblem[] => {
    if (system !== actor.systemCode && !hasScope(actor, 'supplier.decide')) {
      return [{ pointer: `#/records/${i}/system`, code: 'match.foreign-system', detail: `The codes of ${system} are matched by ${system} or by a steward (supplier.decide).` }];
    }
    if (site === null || maySeeSite(actor, site)) return [];
    return [{ pointer: `#/records/${i}/site`, code: 'site.forbidden', detail: `This credential is not for site ${site}.` }];
  });
  if (errors.length === 0) return;
  throw new AppError('forbidden', errors[0]!.code, `${errors.length} of the records are not yours to match. Nothing was stored.`, { errors });
}

const decimalOf = (score: number): string => parseDecimal(score.toFixed(2))!;

function readSources(records: unknown): SourceParty[] {
  if (!Array.isArray(records) || records.length === 0 || records.length > matchRowsMax) {
    throw invalid(`1 to ${matchRowsMax} records are expected.`, [{ pointer: '#/records', code: 'batch.size', detail: `1 to ${matchRowsMax} records.` }]);
  }
  const problems: FieldProblem[] = [];
  const sources = records.map((record, i) => readSource(record, `#/records/${i}`, problems));
  if (problems.length > 0) throw invalid(`The records have ${problems.length} problem(s).`, problems);
  return sources;
}

const known = new Set(['system', 'code', 'site', 'name', 'gln', 'taxIds', 'country']);

function readSource(record: unknown, pointer: string, problems: FieldProblem[]): SourceParty {
  const row = isPlainObject(record) ? record : {};
  for (const field of Object.keys(row)) if (!known.has(field)) problems.push({ pointer: `${pointer}/${field}`, code: 'field.unknown', detail: 'Not a part of a source record.' });
  const textOf = (field: string, required: boolean): string | null => {
    const value = row[field] ?? null;
    if (typeof value === 'string' && value.length > 0 && value.length <= 200) return value;
    if (value !== null || required) problems.push({ pointer: `${pointer}/${field}`, code: 'type.text', detail: 'A text of 1 to 200 characters is expected.' });
    return null;
  };
  const taxIds = row.taxIds ?? [];
  const areTexts = Array.isArray(taxIds) && taxIds.length <= 10 && taxIds.every((taxId) => typeof taxId === 'string' && taxId.length > 0 && taxId.length <= 60);
  if (!areTexts) problems.push({ pointer: `${pointer}/taxIds`, code: 'type.list', detail: 'A list of at most 10 texts is expected.' });
  return {
    system: textOf('system', true)!, code: textOf('code', true)!, site: textOf('site', false), name: textOf('name', true)!,
    gln: textOf('gln', false), taxIds: areTexts ? (taxIds as string[]) : [], country: textOf('country', false),
  };
}
