import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayContext } from '@datum/platform';
import { RecordWriter } from '@datum/governed';
import { seedVocabularies } from '@datum/governance';
import { inventoryStates } from '@datum/inventory';
import { testGateway, type TestClient, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let board: TestClient;
let plant: TestClient;
beforeAll(async () => {
  gateway = await testGateway();
  await seedVocabularies(gateway.app.get(RecordWriter), gatewayContext(), { validFrom: '2026-01-01T00:00:00Z' });
  board = await gateway.client('GW', ['vocabulary.read', 'vocabulary.write', 'governance.decide']);
  plant = await gateway.client('LEG1', ['vocabulary.read', 'vocabulary.write'], ['A']);
});
afterAll(async () => { await gateway?.close(); });

describe('vocabularies', () => {
  it('are data with definitions, the same over REST and GraphQL', async () => {
    const { body } = await plant.get('/v1/vocabulary-terms?filter[vocabulary][eq]=inventory-state&limit=100');
    const codes = body.data.map((term: { code: string }) => term.code).sort();
    expect(codes).toContain('QUALITY_HOLD');
    expect(body.data.every((term: { definition: string }) => term.definition.length > 5)).toBe(true);
    const answer = await plant.graphql('{ vocabularyTerms(first: 100, where: { vocabulary: "inventory-state" }) { nodes { code } } }');
    expect(answer.errors).toBeUndefined();
    expect(answer.data!.vocabularyTerms.nodes.map((term: { code: string }) => term.code).sort()).toEqual(codes);
  });

  it('say of every stock state that the inventory knows what it means', async () => {
    const { body } = await plant.get('/v1/vocabulary-terms?filter[vocabulary][eq]=inventory-state&limit=100');
    expect(body.data.map((term: { code: string }) => term.code).sort()).toEqual(inventoryStates.map(({ code }) => code).sort());
  });

  it('are the board\'s to change: a plant is refused, and a second seed leaves a changed definition alone', async () => {
    const { body: { data: [term] } } = await plant.get('/v1/vocabulary-terms?filter[code][eq]=SCR-UNK');
    expect((await plant.patch(`/v1/vocabulary-terms/${term.id}`, { definition: 'Anything.' }, '"v1"')).status).toBe(403);
    expect((await board.patch(`/v1/vocabulary-terms/${term.id}`, { definition: 'Not known yet; repaired within five days.' }, '"v1"')).status).toBe(200);
    expect(await seedVocabularies(gateway.app.get(RecordWriter), gatewayContext(), { validFrom: '2026-01-01T00:00:00Z' })).toBe(0);
    expect((await plant.get(`/v1/vocabulary-terms/${term.id}`)).body.definition).toBe('Not known yet; repaired within five days.');
  });
});
