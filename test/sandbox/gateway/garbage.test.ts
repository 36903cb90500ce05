/** Whatever arrives, the answer is an error of the caller's: nothing crashes, hangs or is blamed on the sandbox. */

import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ServiceName } from '../../../src/sandbox/contract.ts';
import type { Api } from '../../../src/sandbox/protocols/api.ts';
import { apiOf, servicesOnTheWire } from '../../../src/sandbox/protocols/api.ts';
import { signedHeaders } from './signing.ts';
import type { World } from './world.ts';
import { startWorld } from './world.ts';

let world: World;
let apis: Map<ServiceName, Api>;
beforeAll(async () => {
  world = await startWorld();
  apis = new Map(await Promise.all(servicesOnTheWire.map(async (name) => [name, await apiOf(name)] as const)));
});
afterAll(() => world.close());

interface Attempt {
  readonly service: ServiceName;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

async function statusOf({ service, method, path, headers, body }: Attempt): Promise<number> {
  const { endpoint } = world.client;
  const signed = signedHeaders(service, new URL(endpoint).host, method, path);
  const response = await fetch(endpoint + path, {
    method,
    headers: { ...headers, ...signed },
    ...(method === 'GET' || method === 'HEAD' ? {} : { body }),
    signal: AbortSignal.timeout(5000),
  });
  await response.arrayBuffer();
  return response.status;
}

const noise = fc.string({ unit: 'binary', maxLength: 60 });
/** Pieces the protocols are made of, put together wrongly. */
const pieces = fc
  .array(
    fc.oneof(
      noise,
      fc.constantFrom(
        '{',
        '}',
        '"',
        ':',
        '[',
        ']',
        ',',
        '<a>',
        '</a>',
        '<!DOCTYPE a>',
        '<![CDATA[',
        '&',
        '&#x;',
        '=',
        '.',
        '.1.',
        'member',
        'Action=',
        'null',
        '-1e999',
        '__proto__',
        '\0',
        '\r\n',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const json = fc.jsonValue().map((value) => JSON.stringify(value));
const body = fc.oneof(pieces, json, noise);

const attempt: fc.Arbitrary<Attempt> = fc
  .record({
    service: fc.constantFrom(...servicesOnTheWire),
    pick: fc.nat(),
    body,
    member: fc.nat(),
    value: fc.oneof(json, pieces),
    method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD'),
    wild: fc.boolean(),
  })
  .map(({ service, pick, body: given, member, value, method, wild }) => {
    const api = apis.get(service);
    const operations = [...(api?.operations.values() ?? [])];
    const operation = operations[pick % operations.length];
    const members = operation?.input.members ?? [];
    const name = members[member % Math.max(1, members.length)]?.name ?? 'X';
    const { protocol, target, version } = api ?? { protocol: '', target: '', version: '' };
    if (protocol === 'json' || (service === 'sqs' && pick % 2 === 0)) {
      const text = wild ? given : `{${JSON.stringify(name)}: ${value}}`;
      return {
        service,
        method: 'POST',
        path: '/',
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${target}.${operation?.name}` },
        body: text,
      };
    }
    if (protocol === 'query' || protocol === 'ec2Query') {
      const cbor = service === 'monitoring' && pick % 2 === 0;
      if (cbor)
        return {
          service,
          method: 'POST',
          path: `/service/${target}/operation/${operation?.name}`,
          headers: { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' },
          body: given,
        };
      const text = `Action=${operation?.name}&Version=${version}&${wild ? given : `${name}.member.1.${name}=${encodeURIComponent(value)}`}`;
      return {
        service,
        method: 'POST',
        path: '/',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: text,
      };
    }
    const [own = 'GET', template = '/'] = operation?.traits.http ?? [];
    const path = (service === 's3' ? '/bucket' : '') + (template.split('?')[0] ?? '').replace(/\{[^}]*\}/g, 'x');
    return { service, method: wild ? method : own, path, headers: {}, body: given };
  });

test('signed garbage', async () => {
  // The CBOR library complains of impossible lengths on the console.
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  await fc.assert(
    fc.asyncProperty(attempt, async (given) => {
      const status = await statusOf(given);
      // 501 is the named refusal of what the sandbox doesn't have: event streams.
      expect(status === 501 || (status >= 200 && status < 500), `${status}: ${JSON.stringify(given)}`).toBe(true);
    }),
    { numRuns: 1500 },
  );
  expect(world.logged).toEqual([]);
}, 60_000);

test('garbage that is no HTTP', async () => {
  const { hostname, port } = new URL(world.client.endpoint);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), hostname, () => socket.end(bytes));
        socket.on('error', () => resolve());
        socket.on('close', () => resolve());
        socket.resume();
      });
    }),
    { numRuns: 100 },
  );
  expect(
    await statusOf({
      service: 'sts',
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=GetCallerIdentity',
    }),
  ).toBe(200);
});

test.each([
  ['a malformed Authorization', { authorization: 'AWS4-HMAC-SHA256 nonsense' }],
  ['another algorithm', { authorization: 'AWS4-ECDSA-P256-SHA256 Credential=a' }],
  ['an empty Authorization', { authorization: '' }],
  ['basic authentication', { authorization: 'Basic YTpi' }],
])('%s is refused', async (_what, headers) => {
  const response = await fetch(world.client.endpoint, { method: 'POST', headers, body: 'Action=X' });
  await response.arrayBuffer();
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
});
