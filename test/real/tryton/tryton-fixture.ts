import { createTrytonErp } from '@datum/erp-tryton';
import type { ErpPort } from '@datum/write-back';
import type { Credentials, ErpFixture, RecordSample } from '../../contract/erp/erp-fixture.js';
import type { Exchange } from '../../contract/erp/fault-proxy.js';
import { TrytonClient } from './tryton-client.js';
import type { TrytonServer } from './tryton-server.js';

export const trytonSamples: readonly RecordSample[] = [
  {
    recordType: 'item',
    create: {
      description: { en: 'Actuator 500 mm' }, type: 'finished', baseUnit: 'C62', standardCost: '130.153', listPrice: '215.00', active: true,
    },
    change: {
      description: { en: 'Actuator 500 mm, long' }, type: 'purchased', baseUnit: 'KGM', standardCost: '0.0001', listPrice: '219.50',
      active: false,
    },
    clearable: ['standardCost', 'listPrice'],
    withText: (text) => ({ description: { en: text } }),
    decimals: { attribute: 'standardCost', values: ['9.99', '0.10', '123456789012.3456', '100', '0.1', '-1.5'] },
    refused: { listPrice: '1.12345' },
  },
  {
    recordType: 'supplier',
    create: { name: 'Halvorsen', active: true },
    change: { name: 'Halvorsen AS', active: false },
    clearable: ['name'],
    withText: (text) => ({ name: text }),
  },
];

/** The adapter as it is used in production, towards `baseUrl`. */
export function openTryton(server: TrytonServer, baseUrl: string, credentials: Credentials = 'right'): ErpPort {
  const { login, password } = credentials === 'powerless' ? server.seed.users.reader : server.seed.users.gateway;
  const configuration = { baseUrl, database: server.database, userName: login, passwordSecret: 'tryton' };
  return createTrytonErp(configuration, () => (credentials === 'wrong' ? 'not the password' : password));
}

const methodOf = ({ body }: Exchange): string => /"method":"([^"]+)"/.exec(body)?.[1] ?? '';

/** Whether a request that passed the proxy asks Tryton to create or write. */
export const isTrytonWrite = (exchange: Exchange): boolean => /\.(?:create|write|delete)$/.test(methodOf(exchange));

/** Whether Tryton's own answer says that it did it. */
export const wasDoneByTryton = ({ reply }: Exchange): boolean => {
  if (reply?.status !== 200) return false;
  const envelope = JSON.parse(reply.body) as object;
  return 'result' in envelope && !('error' in envelope);
};

export async function trytonFixture(server: TrytonServer): Promise<ErpFixture> {
  const user = await TrytonClient.logIn(server);
  return {
    upstream: server.url,
    open: (baseUrl, credentials) => openTryton(server, baseUrl, credentials),
    isWrite: isTrytonWrite,
    wasDone: wasDoneByTryton,
    edit: (recordType, key, text, secondsAgo = 0) => edit(user, recordType, key, text, secondsAgo),
    remove: (recordType, key) => remove(user, recordType, key),
    internals: /traceback|python|exception|usererror|psycopg|\.py\b|Product List Price|product\.template|decimal\(/i,
    stop: () => server.stop(),
  };
}

async function edit(user: TrytonClient, recordType: string, key: string, text: string, secondsAgo: number): Promise<void> {
  const { variants, templates, parties } = await rowsOf(user, recordType, key);
  if (recordType === 'item') await user.call('product.template.write', templates, { name: text });
  else await user.call('party.party.write', parties, { name: text });
  if (secondsAgo === 0) return;
  const tables: Record<string, number> = recordType === 'item' ? { product_template: templates[0]!, product_product: variants[0]! } : { party_party: parties[0]! };
  await user.backdate(tables, secondsAgo);
}

async function remove(user: TrytonClient, recordType: string, key: string): Promise<void> {
  const { variants, templates, parties } = await rowsOf(user, recordType, key);
  if (recordType === 'item') {
    await user.call('product.product.delete', variants);
    await user.call('product.template.delete', templates);
  } else await user.call('party.party.delete', parties);
}

async function rowsOf(user: TrytonClient, recordType: string, key: string) {
  if (recordType !== 'item') return { variants: [], templates: [], parties: await user.ids('party.party', ['code', '=', key]) };
  const variants = await user.ids('product.product', ['code', '=', key]);
  return { variants, templates: await user.ids('product.template', ['products', 'in', variants]), parties: [] };
}
