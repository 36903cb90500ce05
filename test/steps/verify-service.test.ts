/** What a run sees of the service before it says that it is recovered, over real HTTP. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { customersSight } from '../../src/engines/traffic/probe.ts';
import { seededIds, seededRandom } from '../../src/kernel/ids.ts';
import type { StepContext } from '../../src/steps/step.ts';
import { verifyService } from '../../src/steps/traffic.ts';

let asked: string[];
let answers: (request: string) => [status: number, text: string];
let port: number;
const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const what = `${request.method} ${request.url} ${Buffer.concat(parts).toString()}`.trim();
    asked.push(what);
    const [status, text] = answers(what);
    response.writeHead(status).end(text);
  });
});

beforeEach(async () => {
  asked = [];
  answers = () => [200, ''];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const facts = new Map<string, unknown>();
beforeEach(() => facts.clear());

const verify = (verification: object | undefined) =>
  verifyService('recovery').act?.({
    clock: { now: () => 1 },
    ids: seededIds(seededRandom(1)),
    run: { id: 'r1', plan: 'failover', version: 1, epoch: 2 },
    latch: { astray: async () => undefined },
    sight: customersSight,
    workload: {
      verification,
      compute: { web: { serves: 'all', readyPath: '/ready' } },
      traffic: { zone: undefined, name: undefined, latch: 'none' },
    },
    names: { loadBalancer: 'front' },
    on: () => ({
      clients: {
        balancing: async () => ({ send: async () => ({ LoadBalancers: [{ DNSName: `127.0.0.1:${port}` }] }) }),
      },
    }),
    recall: async (name: string) => facts.get(name),
    remember: async (name: string, value: unknown) => void facts.set(name, value),
  } as unknown as StepContext);

const guests = {
  write: {
    method: 'POST',
    path: '/entries',
    contentType: 'text/plain',
    body: { text: 'by {id}' },
    acknowledgedBy: 201,
  },
  read: { path: '/entries/{id}', contains: 'by {id}' },
};

test('the ready path alone, where nothing more is asked for', async () => {
  await verify(undefined);
  expect(asked).toEqual(['GET /ready']);
  expect(facts.get('serving')).toEqual({ side: 'recovery', at: 1 });
});

test('a write of its own, acknowledged, and read back', async () => {
  answers = (what) => (what.startsWith('POST') ? [201, ''] : [200, 'by pilot-light-e2']);
  await verify(guests);
  expect(asked).toEqual(['GET /ready', 'POST /entries by pilot-light-e2', 'GET /entries/pilot-light-e2']);
});

test('a write that is not acknowledged is tried again; one that was is not written twice', async () => {
  answers = (what) => (what.startsWith('POST') ? [503, ''] : [200, '']);
  await expect(verify(guests)).rejects.toThrow(/isn't acknowledged by 201 yet: 503/);
  answers = (what) => (what.startsWith('POST') ? [201, ''] : what.startsWith('GET /e') ? [404, ''] : [200, '']);
  await expect(verify(guests)).rejects.toThrow(/acknowledged and isn't read back yet: 404/);
  answers = () => [200, 'something else'];
  await expect(verify(guests)).rejects.toThrow(/doesn't hold by pilot-light-e2/);
  expect(facts.get('serving')).toBeUndefined();
  expect(asked.filter((what) => what.startsWith('POST'))).toHaveLength(2);
});
