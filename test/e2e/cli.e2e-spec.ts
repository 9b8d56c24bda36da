import fs from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayContext, type Loop } from '@datum/platform';
import { BulkWorker } from '@datum/governed';
import { ParticipantService } from '@datum/registry';
import { runCli } from '../../apps/cli/src/index.js';
import { testGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let loop: Loop;
let url: string;
let directory: string;
beforeAll(async () => {
  gateway = await testGateway();
  await gateway.app.listen(0, '127.0.0.1');
  url = `http://127.0.0.1:${(gateway.app.getHttpServer().address() as AddressInfo).port}`;
  loop = gateway.app.get(BulkWorker).start(20);
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'datum-cli-'));
  await login('default', 'CE', ['item.read', 'item.write', 'cross-reference.read', 'cross-reference.write', 'engineering.decide']);
});
afterAll(async () => {
  await loop?.stop();
  await gateway?.close();
  if (directory) await fs.rm(directory, { recursive: true, force: true });
});

interface Run { code: number; out: string; err: string }
async function datum(args: string[], { input = '', signal }: { input?: string; signal?: AbortSignal } = {}): Promise<Run> {
  const run: Run = { code: -1, out: '', err: '' };
  run.code = await runCli(args, {
    out: (text) => { run.out += text; }, err: (text) => { run.err += text; }, readInput: async () => input,
    env: { DATUM_CLI_HOME: path.join(directory, 'home') }, cwd: directory, isTty: false, ...(signal ? { signal } : {}),
  });
  return run;
}

async function login(profile: string, systemCode: string, scopes: string[], at = url): Promise<void> {
  const added = await gateway.app.get(ParticipantService).addParticipant(gatewayContext(), {
    name: `${profile}-${crypto.randomUUID()}`, systemCode, state: 'live', credential: { kind: 'live', scopes },
  });
  const run = await datum(['login', '--profile', profile, '--url', at, '--client', added.clientId, '--secret', '-'], { input: `${added.clientSecret}\n` });
  expect(run.code, run.err).toBe(0);
}

const write = async (name: string, text: string | Buffer): Promise<string> => {
  await fs.writeFile(path.join(directory, name), text);
  return name;
};
const complaints = async (): Promise<any[]> =>
  (await fs.readFile(path.join(directory, 'datum-import-errors.ndjson'), 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line));
const itemsLike = (prefix: string) => gateway.runtime.database.query<{ code: string; version: number }>('SELECT * FROM item WHERE code LIKE $1 ORDER BY code', [`${prefix}%`]);

const pack = `
pack: colours
codes:
  unit: {Stck: C62, kg: KGM}
  state: {A: active, X: obsolete}
imports:
  - name: parts
    record: items
    file: teile.csv
    delimiter: ";"
    encoding: windows-1252
    skip:
      - {when: {column: Art, equals: Text}, reason: lines of text that are no item}
    attributes:
      code: {from: Nummer, apply: [trim, upper, {prefix: "DE-"}], required: true}
      type: {when: {all: [{column: Art, in: [Eigen]}, {not: {column: Einheit, is: empty}}]}, then: semi, else: purchased}
      baseUnit: {from: Einheit, apply: [{code: unit}]}
      description: {de: $Bezeichnung, en: {from: English, apply: [{empty: ["-"]}]}}
      state: {from: Status, apply: [{code: state}], default: active}
      standardCost: {money: [{from: Preis, apply: [{decimal: {point: ",", group: "."}}]}, EUR]}
      drawing: {concat: [$Zeichnung, "-", $Index]}
      attributes: {seit: {from: Seit, apply: [{date: dd.MM.yyyy}]}, letzterTag: {from: Bis, apply: [{date: dd.MM.yyyy}, dayAfter]}}
    localKeys:
      - {system: CE, code: $Nummer}
`;
const rows = [
  'Nummer;Art;Einheit;Bezeichnung;English;Status;Preis;Zeichnung;Index;Seit;Bis',
  ' a1 ;Eigen;Stck;Größe 12;Size 12;A;1.234,50;Z1;B;01.02.2026;28.02.2026',
  'a2;Kauf;kg;Blech;-;;0,10;Z2;;;',
  'x;Text;;Überschrift;;;;;;;',
  'a3;Kauf;Eimer;Farbe;;A;;;;;',
  'a4;Kauf;Stck;Falscher Tag;;A;;;;31.02.2026;',
  'a5;Kauf;Stck;Zu teuer;;A;1,2,3;;;;',
  ';Kauf;Stck;Ohne Nummer;;A;;;;;',
  'a6;Kauf;Stck;Zu kurz',
  'a7;Kauf;Stck;Ende;;X;;;;;',
];

describe('datum', () => {
  it('keeps the login where only its user can read it, and says why a login fails', async () => {
    const { mode } = await fs.stat(path.join(directory, 'home', 'login.json'));
    expect(mode & 0o777).toBe(0o600);
    const wrong = await datum(['login', '--profile', 'x', '--url', url, '--client', 'nobody', '--secret', 'wrong']);
    expect(wrong).toMatchObject({ code: 3 });
    expect(wrong.err).toMatch(/refused/);
    expect((await datum(['get', 'items', '--profile', 'nobody'])).code).toBe(3);
    expect((await datum(['get', 'items/01926f2e-7a10-7cc2-8f00-0a1b2c3d4e5f'])).code).toBe(4);
    expect((await datum(['nonsense'])).code).toBe(2);
    expect((await datum(['--help'])).out).toMatch(/Exit codes/);
  });

  it('[S113] imports a foreign file by a mapping: every row is imported, skipped with a reason, or refused with its number', async () => {
    await write('pack.yaml', pack);
    await write('teile.csv', Buffer.from(rows.join('\r\n'), 'latin1'));
    const rehearsal = await datum(['import', 'pack.yaml', 'teile.csv', '--dry-run']);
    expect(rehearsal.out).toMatch(/9 read, 3 to send, 0 updated, 0 unchanged, 1 skipped, 5 refused, 0 lost/);
    expect(await itemsLike('DE-')).toEqual([]);
    const run = await datum(['import', 'pack.yaml', 'teile.csv', '--json']);
    expect(run.code, run.err).toBe(6);
    const { steps: [step], total } = JSON.parse(run.out);
    expect(total).toEqual({ read: 9, imported: 2, checked: 0, skipped: 1, refused: 6, lost: 0 });
    expect(step.skipped).toEqual({ 'lines of text that are no item': 1 });
    const [one, two] = await itemsLike('DE-');
    expect(one).toMatchObject({ code: 'DE-A1', type: 'semi', base_unit: 'C62', description: { de: 'Größe 12', en: 'Size 12' }, standard_cost: '1234.5', standard_cost_currency: 'EUR', drawing: 'Z1-B', attributes: { seit: '2026-02-01', letzterTag: '2026-03-01' } });
    expect(two).toMatchObject({ code: 'DE-A2', type: 'purchased', base_unit: 'KGM', description: { de: 'Blech' }, standard_cost: '0.1', drawing: null, state: 'active' });
    const told = await complaints();
    expect(told.map(({ row, outcome, reason }) => [row, outcome, reason])).toEqual([
      [4, 'skipped', 'lines of text that are no item'],
      [5, 'refused', 'baseUnit: "Eimer" is not in the code list "unit".'],
      [6, 'refused', 'attributes: "31.02.2026" is a day that does not exist.'],
      [7, 'refused', 'standardCost: "1,2,3" is no decimal number.'],
      [8, 'refused', 'code: Nummer is empty.'],
      [9, 'refused', 'The row has 4 cells, and the header 11.'],
      [10, 'refused', expect.stringMatching(/starts as draft/)],
    ]);
    expect(told.at(-1)).toMatchObject({ step: 'parts', file: 'teile.csv', raw: { Nummer: 'a7', Bezeichnung: 'Ende' } });
    const again = JSON.parse((await datum(['import', 'pack.yaml', 'teile.csv', '--json'])).out);
    expect(again.steps[0]).toMatchObject({ created: 0, updated: 0, unchanged: 2, lost: 0 });
    expect((await datum(['get', 'items?system=CE&code=a2'])).out).toMatch(/DE-A2/);
  });

  it('refuses what is not the encoding it is said to be, and names misspelt columns before the first row', async () => {
    await write('bad.csv', Buffer.from('code,type\nGrö', 'latin1'));
    const bad = await datum(['import', 'items', 'bad.csv']);
    expect(bad).toMatchObject({ code: 2 });
    expect(bad.err).toMatch(/is not utf-8/);
    await write('misspelt.csv', 'code,tpye\nX,raw\n');
    const misspelt = await datum(['import', 'items', 'misspelt.csv']);
    expect(misspelt.err).toMatch(/no attribute "tpye"/);
    await write('misspelt.yaml', pack.replace('$Bezeichnung', '$Bezeichnug'));
    expect((await datum(['import', 'misspelt.yaml', 'teile.csv'])).err).toMatch(/no column "Bezeichnug"/);
  });

  it('[SEC2] [SEC3] text and numbers from files are kept exactly or refused', async () => {
    await write('exact.ndjson', [
      '{"code":"EX-1","type":"raw","baseUnit":"C62","state":"active","standardCost":{"amount":"0.1","currency":"USD"}}',
      '{"code":"EX-2","type":"raw","baseUnit":"C62","state":"active","standardCost":{"amount":9007199254740993,"currency":"USD"}}',
      '{"code":"EX-3","type":"raw","baseUnit":"C62","state":"active","description":{"en":"a\\u0000b"}}',
      '{"code":"EX-4","code":"EX-5","type":"raw","baseUnit":"C62","state":"active"}',
      '{"code":"EX-6"',
    ].join('\n'));
    const run = await datum(['import', 'items', 'exact.ndjson', '--json']);
    expect(JSON.parse(run.out).total).toEqual({ read: 5, imported: 1, checked: 0, skipped: 0, refused: 4, lost: 0 });
    expect((await itemsLike('EX-')).map(({ code }) => code)).toEqual(['EX-1']);
    expect((await complaints()).map(({ row }) => row).sort()).toEqual([2, 3, 4, 5]);
  });

  it('[SEC13] exports cells that no spreadsheet runs, and reads the same values back', async () => {
    const texts = ['=1+1', '+49 30', '-5', '-5.50', '-x', '@SUM(A1)', '\tTAB', "'=already", 'plain', 'a=b', '"quoted, with comma"', '=HYPERLINK("http://x","y")'];
    const lines = texts.map((material, i) => JSON.stringify({ code: `CSV-${i}`, type: 'raw', baseUnit: 'C62', state: 'active', productLine: material === '\tTAB' ? 'tab' : material }));
    await write('odd.ndjson', lines.join('\n'));
    expect((await datum(['import', 'items', 'odd.ndjson'])).code).toBe(0);
    const exported = await datum(['export', 'items', '--format', 'csv', '-o', 'items.csv', '--filter', 'code[like]=CSV-*']);
    expect(exported.code, exported.err).toBe(0);
    const text = await fs.readFile(path.join(directory, 'items.csv'), 'utf8');
    const { parse } = await import('csv-parse/sync');
    const cells = parse(text, { columns: true }) as Record<string, string>[];
    expect(cells).toHaveLength(texts.length);
    for (const row of cells) for (const cell of Object.values(row)) expect(/^[=+@\t\r]|^-(?!\d+(\.\d+)?$)/.test(cell), cell).toBe(false);
    expect(cells.find(({ code }) => code === 'CSV-2')!.productLine).toBe('-5');
    expect(cells.find(({ code }) => code === 'CSV-0')!.productLine).toBe("'=1+1");
    const back = JSON.parse((await datum(['import', 'items', 'items.csv', '--json'])).out);
    expect(back.steps[0]).toMatchObject({ read: texts.length, unchanged: texts.length, updated: 0, refused: 0 });
  });

  it('[S113] [R1] an import that is broken off anywhere goes on where it was, and nothing is written twice', async () => {
    const count = 3_000;
    await write('many.csv', ['code,type,baseUnit,state', ...Array.from({ length: count }, (_, i) => `BIG-${i},raw,C62,${i % 500 === 7 ? 'nonsense' : 'active'}`)].join('\n'));
    let breaks = 0;
    let last: Run;
    for (;;) {
      const interruption = new AbortController();
      const timer = setTimeout(() => interruption.abort(), breaks < 10 ? 20 + breaks * 30 + Math.random() * 150 : 60_000);
      last = await datum(['import', 'items', 'many.csv', '--part-rows', '400', '--json'], { signal: interruption.signal });
      clearTimeout(timer);
      if (last.code !== 130) break;
      breaks += 1;
    }
    expect(breaks).toBeGreaterThan(0);
    expect(last.code, last.err).toBe(6);
    expect(JSON.parse(last.out).steps[0]).toMatchObject({ read: count, created: count - 6, updated: 0, unchanged: 0, refused: 6, lost: 0 });
    const stored = await itemsLike('BIG-');
    expect(stored).toHaveLength(count - 6);
    expect(stored.every(({ version }) => version === 1)).toBe(true);
    expect((await complaints()).map(({ row }) => row)).toEqual([9, 509, 1_009, 1_509, 2_009, 2_509]);
    const [{ n }] = await gateway.runtime.database.query<{ n: number }>(`SELECT count(*)::int AS n FROM bulk_import b WHERE row_count = 400`) as [{ n: number }];
    expect(n).toBe(7);
  }, 120_000);

  it('[R4] an upload whose answer was lost is not done twice', async () => {
    let dropped = 0;
    const proxy = http.createServer((request, response) => {
      const forward = http.request(`${url}${request.url}`, { method: request.method, headers: request.headers }, (answer) => {
        if (request.url!.endsWith(':bulk') && dropped < 2) {
          dropped += 1;
          answer.resume().on('end', () => request.socket.destroy());
        } else {
          response.writeHead(answer.statusCode!, answer.headers);
          answer.pipe(response);
        }
      });
      forward.on('error', () => response.destroy());
      request.pipe(forward);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    await login('through-proxy', 'CE', ['item.read', 'item.write'], `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    await write('once.csv', 'code,type,baseUnit,state\nONCE-1,raw,C62,active\nONCE-2,raw,C62,active\n');
    const run = await datum(['import', 'items', 'once.csv', '--json', '--profile', 'through-proxy']);
    expect(run.code, run.err).toBe(0);
    expect(dropped).toBe(2);
    expect(JSON.parse(run.out).steps[0]).toMatchObject({ created: 2, unchanged: 0 });
    await new Promise((resolve) => proxy.close(resolve));
    proxy.closeAllConnections();
  });

  it('explains who decides, adds participants, follows operations and verifies the audit trail offline', async () => {
    expect((await datum(['explain', 'item', 'description'])).out).toMatch(/^CE decides the identity of item records/);
    await login('admin', 'GW', ['registry.admin', 'registry.read', 'audit.read', 'item.read']);
    const added = await datum(['participant', 'add', 'robot', '--system', 'PLN', '--live', '--scopes', 'item.read', '--save-as', 'robot', '--profile', 'admin']);
    expect(added.code, added.err).toBe(0);
    expect((await datum(['get', 'items?limit=1', '--profile', 'robot'])).code).toBe(0);
    const [{ id }] = await gateway.runtime.database.query<{ id: string }>('SELECT id FROM bulk_import ORDER BY sequence LIMIT 1') as [{ id: string }];
    expect((await datum(['operation', id, '--wait'])).out).toMatch(/succeeded/);
    const { token } = JSON.parse(await fs.readFile(path.join(directory, 'home', 'login.json'), 'utf8')).profiles.admin as { token: string };
    const trail = Buffer.from(await (await fetch(`${url}/v1/audit/export`, { headers: { authorization: `Bearer ${token}` } })).arrayBuffer());
    await write('audit.ndjson', trail);
    const good = await datum(['verify-audit', 'audit.ndjson']);
    expect(good.code, good.out).toBe(0);
    await write('altered.ndjson', trail.toString('utf8').replace('DE-A1', 'DE-A9'));
    const altered = await datum(['verify-audit', 'altered.ndjson']);
    expect(altered.code).toBe(7);
    expect(altered.out).toMatch(/does NOT verify/);
  });
});
