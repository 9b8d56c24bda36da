import { readFileSync } from 'node:fs';
import { createRestErp } from '@datum/erp-rest';
import { buildSimulator } from '../../../apps/simulator/src/simulator.js';
import { enterpriseData } from '../../../apps/simulator/src/erp/corporate/corporate-data.js';
import { describeErpContract } from './erp-contract.js';
import type { Credentials, ErpFixture, RecordSample } from './erp-fixture.js';

const configuration: unknown = JSON.parse(
  readFileSync(new URL('../../../libs/erp/rest/configurations/corporate-erp.json', import.meta.url), 'utf8'),
);
const tokens: Record<Credentials, string> = {
  right: 'right-token-of-the-test', wrong: 'wrong-token-of-the-test', powerless: 'reader-token-of-the-test',
};

const samples: readonly RecordSample[] = [
  {
    recordType: 'item',
    create: {
      description: { en: 'Actuator 500 mm', de: 'Stellantrieb 500 mm' }, type: 'finished', baseUnit: 'C62', gtin: '00614141100019',
      standardCost: '130.153', active: true,
    },
    change: {
      description: { en: 'Actuator 500 mm, long' }, type: 'semi', baseUnit: 'KGM', gtin: '00614141100026', standardCost: '0.000001',
      active: false,
    },
    clearable: ['gtin', 'standardCost'],
    withText: (text) => ({ description: { en: text } }),
    decimals: { attribute: 'standardCost', values: ['9.99', '0.10', '12345678901.123456', '100', '0.1'] },
    refused: { standardCost: '1.1234567' },
  },
  {
    recordType: 'supplier',
    create: { name: 'Halvorsen', taxId: 'NO 923 609 016', active: true },
    change: { name: 'Halvorsen AS', taxId: 'NO923609016MVA', active: false },
    clearable: ['taxId'],
    withText: (text) => ({ name: text }),
    refused: { name: 'x'.repeat(121) },
  },
];

async function start(): Promise<ErpFixture> {
  const app = buildSimulator({
    data: enterpriseData.parse({ items: [{ number: '100500', name: 'Actuator 500 mm', category: 'FG', gtin: '00614141100019' }] }),
    tokens: new Map([[tokens.right, { name: 'gateway', mayWrite: true }], [tokens.powerless, { name: 'reader', mayWrite: false }]]),
  });
  const upstream = await app.listen({ host: '127.0.0.1', port: 0 });
  const inside = async (action: object): Promise<void> => {
    const answer = await fetch(`${upstream}/sim/inside`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(action),
    });
    if (!answer.ok) throw new Error(await answer.text());
  };
  const typeOf = (recordType: string): string => (recordType === 'item' ? 'item' : 'vendor');
  return {
    upstream,
    open: (baseUrl, credentials = 'right') => createRestErp(configuration, { baseUrl, secrets: () => tokens[credentials] }),
    isWrite: ({ method }) => method !== 'GET',
    wasDone: ({ reply }) => reply?.status === 200 || reply?.status === 201,
    edit: (recordType, key, text, secondsAgo = 0) => inside({
      action: 'edit', type: typeOf(recordType), key, secondsAgo,
      fields: recordType === 'item' ? { descEn: text, descDe: null } : { vendName: text },
    }),
    remove: (recordType, key) => inside({ action: 'delete', type: typeOf(recordType), key }),
    internals: /CL_MD_CHECK|CE-\d|Class |itemNo|stdCost|zod|Traceback/i,
    stop: () => app.close(),
  };
}

describeErpContract('REST adapter against the simulated corporate ERP', samples, start);
