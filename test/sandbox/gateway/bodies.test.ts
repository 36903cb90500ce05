import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checksumNamed } from '../../../src/sandbox/gateway/checksums.ts';
import { Payload } from '../../../src/sandbox/gateway/payload.ts';
import { startGateway } from '../../../src/sandbox/gateway/server.ts';
import { signedHeaders } from './signing.ts';
import type { World } from './world.ts';
import { startWorld } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
beforeEach(() => world.reset());
afterAll(() => world.close());

const payload = (body: Iterable<Uint8Array>, headers: Record<string, string>): Payload =>
  new Payload({ method: 'PUT', path: '/', query: '', headers, body: Readable.from(body) }, 1_000_000);

const signature = 'a'.repeat(64);
const chunked = (data: Uint8Array, size: number, signed: boolean, trailers: string): Buffer => {
  const parts: Buffer[] = [];
  const extension = signed ? `;chunk-signature=${signature}` : '';
  for (let at = 0; at < data.length; at += size) {
    const part = data.subarray(at, at + size);
    parts.push(Buffer.from(`${part.length.toString(16)}${extension}\r\n`), Buffer.from(part), Buffer.from('\r\n'));
  }
  parts.push(Buffer.from(`0${extension}\r\n${trailers}\r\n`));
  return Buffer.concat(parts);
};
const crcOf = (data: Uint8Array): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(data));
  return bytes.toString('base64');
};

describe('aws-chunked', () => {
  test('is unwrapped however it is cut into packets, with and without signatures and trailers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 50 }),
        fc.boolean(),
        fc.boolean(),
        async (data, chunkSize, packet, signed, trailer) => {
          const trailers = trailer
            ? `x-amz-checksum-crc32:${crcOf(data)}\r\nx-amz-trailer-signature:${signature}\r\n`
            : '';
          const wire = chunked(data, chunkSize, signed, trailers);
          const packets = Array.from({ length: Math.ceil(wire.length / packet) }, (_, index) =>
            wire.subarray(index * packet, (index + 1) * packet),
          );
          const headers = {
            'x-amz-content-sha256': signed
              ? 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'
              : 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
            'x-amz-decoded-content-length': String(data.length),
            ...(trailer ? { 'x-amz-trailer': 'x-amz-checksum-crc32' } : {}),
          };
          expect(new Uint8Array(await buffer(payload(packets, headers).stream()))).toEqual(data);
        },
      ),
      { numRuns: 300 },
    );
  });

  const data = Buffer.from('hello world');
  const streaming = { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' };
  test.each([
    [
      'a wrong checksum in the trailer',
      chunked(data, 4, false, `x-amz-checksum-crc32:${crcOf(Buffer.from('other'))}\r\n`),
      { 'x-amz-trailer': 'x-amz-checksum-crc32' },
      'BadDigest',
    ],
    [
      'an announced trailer that is missing',
      chunked(data, 4, false, ''),
      { 'x-amz-trailer': 'x-amz-checksum-crc32' },
      'MalformedTrailerError',
    ],
    [
      'another length than announced',
      chunked(data, 4, false, ''),
      { 'x-amz-decoded-content-length': '12' },
      'IncompleteBody',
    ],
    ['a body that breaks off', chunked(data, 4, false, '').subarray(0, 12), {}, 'InvalidRequest'],
    ['no chunks at all', data, {}, 'InvalidRequest'],
    ['a chunk longer than its size', Buffer.from('2\r\nabc\r\n0\r\n\r\n'), {}, 'InvalidRequest'],
    ['an endless size', Buffer.from('1'.repeat(10_000)), {}, 'InvalidRequest'],
  ])('%s is refused', async (_what, wire, headers, code) => {
    await expect(buffer(payload([wire], { ...streaming, ...headers }).stream())).rejects.toMatchObject({ code });
  });
});

test.each([
  ['crc32', 'y/Q5Jg=='],
  ['crc32c', '4waSgw=='],
  ['md5', 'JfnnlDI7RTiF9RgfGxfhxQ=='.length],
])('the checksum %s of 123456789', (name, expected) => {
  const checksum = checksumNamed(name);
  for (const part of ['1234', '', '56789']) checksum?.update(Buffer.from(part));
  if (typeof expected === 'number')
    expect(checksum?.digest()).toBe(createHash('md5').update('123456789').digest('base64'));
  else expect(checksum?.digest()).toBe(expected);
});

describe('a body read whole', () => {
  const of = (body: string, headers: Record<string, string>): Promise<Uint8Array> =>
    payload([Buffer.from(body)], headers).whole();
  test('is checked against its hash and checksums', async () => {
    const hash = createHash('sha256').update('abc').digest('hex');
    expect(Buffer.from(await of('abc', { 'x-amz-content-sha256': hash })).toString()).toBe('abc');
    await expect(of('abd', { 'x-amz-content-sha256': hash })).rejects.toMatchObject({
      code: 'XAmzContentSHA256Mismatch',
    });
    await expect(of('abd', { 'x-amz-checksum-crc32': crcOf(Buffer.from('abc')) })).rejects.toMatchObject({
      code: 'BadDigest',
    });
    await expect(of('abd', { 'content-md5': createHash('md5').update('abc').digest('base64') })).rejects.toMatchObject({
      code: 'BadDigest',
    });
  });

  test('has a limit, announced or not', async () => {
    await expect(of('', { 'content-length': '1000001' })).rejects.toMatchObject({ code: 'RequestTooLarge' });
    await expect(of('x'.repeat(1_000_001), {})).rejects.toMatchObject({ code: 'RequestTooLarge' });
  });

  test.each([
    [
      '6 MB',
      SSMClient,
      (size: number) => new PutParameterCommand({ Name: 'n', Value: 'x'.repeat(size) }),
      6,
      'RequestEntityTooLargeException',
    ],
    [
      '8 MB for functions',
      LambdaClient,
      (size: number) => new InvokeCommand({ FunctionName: 'f', Payload: Buffer.alloc(size) }),
      8,
      'RequestTooLargeException',
    ],
    // biome-ignore lint/suspicious/noExplicitAny: clients and commands of two packages stand in one table.
  ] as [string, any, any, number, string][])('of %s', async (_what, Client, command, megabytes, code) => {
    const client = new Client(world.client);
    await client.send(command(megabytes * 1024 * 1024 - 1000));
    await expect(client.send(command(megabytes * 1024 * 1024 + 1000))).rejects.toMatchObject({
      name: code,
      $metadata: { httpStatusCode: 413 },
    });
    // The connection is as good as new.
    await client.send(command(10)).finally(() => client.destroy());
  });
});

test('a client that asks whether to go on is told only once somebody wants the body', async () => {
  const { host, hostname, port } = new URL(world.client.endpoint);
  const put = (service: string): Promise<{ went: boolean; response: IncomingMessage }> =>
    new Promise((resolve, reject) => {
      const outgoing = request({
        hostname,
        port,
        method: 'PUT',
        path: '/photos/k',
        headers: { ...signedHeaders(service, host, 'PUT', '/photos/k'), expect: '100-continue', 'content-length': 5 },
      });
      let went = false;
      outgoing.on('continue', () => {
        went = true;
        outgoing.end('hello');
      });
      outgoing.on('response', (response) => {
        resolve({ went, response });
        outgoing.destroy();
      });
      outgoing.on('error', reject);
      outgoing.flushHeaders();
    });
  let stored = '';
  world.on('s3:PutObject', async ({ Body }: { Body: Readable }) => {
    stored = await text(Body);
    return {};
  });
  const accepted = await put('s3');
  expect([accepted.went, accepted.response.statusCode, stored]).toEqual([true, 200, 'hello']);
  const refused = await put('nothing');
  expect([refused.went, refused.response.statusCode]).toEqual([false, 501]);
});

test('a gateway whose address is taken says so, and leaves nothing listening', async () => {
  const { port } = new URL(world.client.endpoint);
  const { core, dispatcher, credentials } = world.door;
  const crossing = (): Promise<void> => Promise.resolve();
  const listener = { place: 'outside', address: '127.0.0.1', port: Number(port) };
  const starting = startGateway(
    { core: core as never, dispatcher, listeners: [{ ...listener, port: 0 }, listener], crossing },
    { credentials },
  );
  await expect(starting).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
