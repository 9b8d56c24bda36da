import { appendToLedger, gatewayContext, uuidv7, type TxContext } from '@datum/platform';
import { eventTypeOf, toRow, type AnyRecord, type WireRecord } from '@datum/governed';
import { insertRows } from '../../../libs/governed/src/record.repository.js';
import type { TestGateway } from '../../support/gateway.js';

/** Values that an example cannot give, because the record must fit the systems of the test gateway. */
const fitting: Record<string, unknown> = { system: 'CE', recordType: 'item' };

type Attribute = AnyRecord['attributes'][string];

/** Tables may refuse combinations of values: more are given, or fewer, until one fits. */
const choices: ((attribute: Attribute) => boolean)[] = [
  ({ filter, required }) => Boolean(filter) || Boolean(required), ({ required }) => Boolean(required), () => true,
];

/**
 * One record of every declared type, made of the examples in its declaration and placed at `site`. Written below the checks on purpose: the matrix asks
 * who may see and change a record, not how it came to be.
 */
export async function seedRecords({ runtime }: TestGateway, definitions: readonly AnyRecord[], site: string): Promise<Map<string, WireRecord>> {
  const seeded = new Map<string, WireRecord>();
  const context = gatewayContext();
  const seed = async (definition: AnyRecord, open: readonly string[]): Promise<WireRecord> => {
    const known = seeded.get(definition.type);
    if (known) return known;
    for (const { refers } of Object.values(definition.attributes)) {
      const target = definitions.find(({ type }) => type === refers);
      if (target && target !== definition && !open.includes(target.type)) await seed(target, [...open, definition.type]);
    }
    for (const target of repeatedTargets(definition, definitions)) await seedTwin(target);
    const failures: unknown[] = [];
    for (const isGiven of choices) {
      const record = sampleOf(definition, seeded, { site, now: runtime.clock.now(), isGiven });
      try {
        await runtime.database.transaction(context, (tx) => write(tx, definition, record));
        seeded.set(definition.type, record);
        return record;
      } catch (error) {
        failures.push(error);
      }
    }
    throw new AggregateError(failures, `No sample of ${definition.type} can be made of its examples.`);
  };
  /** Some records tie two of a kind together, which must not be the same one. */
  const seedTwin = async (definition: AnyRecord): Promise<void> => {
    if (seeded.has(twinOf(definition.type))) return;
    const optional = Object.keys(definition.attributes).filter((name) => !definition.attributes[name]!.required);
    const twin = { ...seeded.get(definition.type)!, id: uuidv7(), [definition.key[0]!]: 'TWIN', ...Object.fromEntries(optional.map((name) => [name, null])) };
    await runtime.database.transaction(context, (tx) => write(tx, definition, twin));
    seeded.set(twinOf(definition.type), twin);
  };
  for (const definition of definitions) if (definition.type !== 'ownership-rule') await seed(definition, []);
  return seeded;
}

const twinOf = (type: string): string => `${type} twin`;

const repeatedTargets = (definition: AnyRecord, definitions: readonly AnyRecord[]): AnyRecord[] => {
  const targets = Object.values(definition.attributes).flatMap(({ refers }) => refers ?? []);
  return definitions.filter(({ type }) => type !== definition.type && targets.filter((target) => target === type).length > 1);
};

function sampleOf(
  definition: AnyRecord, seeded: ReadonlyMap<string, WireRecord>,
  { site, now, isGiven }: { site: string; now: string; isGiven: (attribute: Attribute) => boolean },
): WireRecord {
  const record: Record<string, unknown> = { id: uuidv7() };
  for (const [name, attribute] of Object.entries(definition.attributes)) {
    if (name === definition.site) record[name] = site;
    else if (attribute.kind === 'reference') record[name] = referenceOf(attribute, record, seeded);
    else if (isGiven(attribute)) record[name] = fitting[name] ?? canonical(attribute);
    else record[name] = null;
  }
  if (definition.lifecycle) record[definition.lifecycle.attribute] = definition.lifecycle.initial[0];
  return { ...record, version: 1, createdAt: now, updatedAt: now } as WireRecord;
}

function referenceOf({ refers = 'item', required }: Attribute, record: Record<string, unknown>, seeded: ReadonlyMap<string, WireRecord>): unknown {
  const first = seeded.get(refers)?.id;
  const isTaken = Object.values(record).includes(first);
  return (isTaken ? seeded.get(twinOf(refers))?.id : first) ?? (required ? uuidv7() : null);
}

function canonical(attribute: Attribute): unknown {
  const parsed = attribute.parse(attribute.example);
  if ('problem' in parsed) throw new Error(`The example ${JSON.stringify(attribute.example)} is no value of its own attribute: ${parsed.problem.detail}`);
  return parsed.value;
}

async function write(tx: TxContext, definition: AnyRecord, record: WireRecord): Promise<void> {
  const inserted = await insertRows(tx.tx, definition, [toRow(definition, record, {})]);
  if (!inserted.has(record.id)) throw new Error(`The sample of ${definition.type} was not inserted`);
  await appendToLedger(tx, [{
    recordType: definition.type, recordId: record.id, version: 1, site: definition.site ? String(record[definition.site]) : null,
    eventType: eventTypeOf(definition, 'created'), op: 'create', validFrom: record.createdAt, after: record, changes: record, provenance: {},
  }]);
}
