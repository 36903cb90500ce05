/** The health checker's look at real endpoints: what is healthy, what isn't, and a link that hangs. */

import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Exposure } from '../../../../src/sandbox/contract.ts';
import { type Probe, probeFromOutside } from '../../../../src/sandbox/services/route53/probe.ts';
import { type RealSandbox, realSandbox } from '../../../support/real-sandbox.ts';

const region = 'us-east-1';
let sandbox: RealSandbox;
let server: Server;
let exposure: Exposure;
let probe: Probe;
let silent: string;

beforeAll(async () => {
  sandbox = await realSandbox([]);
  const inside = sandbox.core.network.allocate(region);
  server = createServer((request, response) => {
    if (request.url === '/slow') return;
    response.statusCode = request.url === '/ill' ? 503 : 200;
    response.end('all is well');
  });
  await new Promise<void>((resolve) => server.listen(0, inside, resolve));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const address = sandbox.core.network.allocate(region);
  exposure = await sandbox.core.network.expose({ place: region, address, port: 80, to: { host: inside, port } });
  sandbox.core.network.name('photos.elb', () => ({ ttl: 60, values: [address] }));
  silent = sandbox.core.network.allocate(region);
  probe = probeFromOutside(sandbox.core);
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await sandbox.stop();
});

const look = (more: object): ReturnType<Probe> =>
  probe({ Type: 'HTTP', FullyQualifiedDomainName: 'photos.elb', ...more });

test('answers are judged by status and by text', async () => {
  expect(await look({})).toEqual({ healthy: true, text: 'Success: HTTP Status Code 200, OK' });
  expect(await look({ ResourcePath: '/ill' })).toMatchObject({ healthy: false, text: expect.stringContaining('503') });
  expect(await look({ Type: 'HTTP_STR_MATCH', SearchString: 'well' })).toMatchObject({ healthy: true });
  expect(await look({ Type: 'HTTP_STR_MATCH', SearchString: 'ill' })).toMatchObject({ healthy: false });
  expect(await look({ Type: 'TCP', Port: 80 })).toMatchObject({ healthy: true });
});

test('nobody there, no such name, and an answer that does not come are failures', async () => {
  expect(await look({ FullyQualifiedDomainName: undefined, IPAddress: silent, Port: 81 })).toMatchObject({
    healthy: false,
  });
  expect(await look({ FullyQualifiedDomainName: 'none.elb' })).toMatchObject({
    healthy: false,
    text: expect.stringContaining('DNS'),
  });
  expect(await look({ ResourcePath: '/slow' })).toMatchObject({
    healthy: false,
    text: expect.stringContaining('timed out'),
  });
});

test('a Region that went dark hangs, and fails the look in Route 53’s own time', async () => {
  await sandbox.faults.goDark(region);
  const began = sandbox.clock.now();
  expect(await look({})).toMatchObject({ healthy: false, text: expect.stringContaining('timed out') });
  expect(sandbox.clock.now() - began).toBeGreaterThan(1900);
  await sandbox.faults.bringBack(region);
  await exposure.close();
});
