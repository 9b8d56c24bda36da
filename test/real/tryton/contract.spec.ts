import { describe, it } from 'vitest';
import { describeErpContract } from '../../contract/erp/erp-contract.js';
import { trytonFixture, trytonSamples } from './tryton-fixture.js';
import { startTrytonServer } from './tryton-server.js';

const server = await startTrytonServer();

if (server) describeErpContract('Tryton 6.0, the real server', trytonSamples, () => trytonFixture(server), 900_000);
else describe('ERP contract: Tryton 6.0, the real server', () => it('needs a Tryton server', ({ skip }) => skip('see scripts/tryton/setup.sh')));
