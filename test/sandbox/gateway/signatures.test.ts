/** What a signature covers: nothing of a request can be changed after it was signed, nor used elsewhere or later. */

import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PresignOptions, SignedRequest } from './signing.ts';
import { presign, presignV2, sha256, signRequest } from './signing.ts';
import type { World } from './world.ts';
import { startWorld } from './world.ts';

let world: World;
let host: string;
beforeAll(async () => {
  world = await startWorld();
  host = new URL(world.client.endpoint).host;
});
beforeEach(() => {
  world.reset();
  world.asked.length = 0;
});
afterAll(() => world.close());

const form = 'Action=ListQueues&Version=2012-11-05';
const formHeaders = { 'content-type': 'application/x-www-form-urlencoded' };

/** Sends as told, and answers the code it was refused with, or `performed`. */
async function sent(options: {
  method?: string;
  path?: string;
  headers: Record<string, string>;
  body?: string;
}): Promise<string> {
  const { method = 'POST', path = '/', headers, body = '' } = options;
  const answer = await new Promise<string>((resolve, reject) => {
    const outgoing = httpRequest(`${world.client.endpoint}${path}`, { method, headers }, (response) => {
      text(response).then(resolve, reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
  const code = /<Code>(\w+)<|"__type":"(?:[^"#]*#)?(\w+)"/.exec(answer);
  return code === null ? 'performed' : (code[1] ?? code[2] ?? '');
}

const list = (request: Omit<SignedRequest, 'headers'> = {}, more: Record<string, string> = {}) =>
  signRequest(host, { payloadHash: sha256(form), headers: { ...formHeaders, ...more }, ...request });

describe('a signed request', () => {
  test('is performed as it was signed', async () => {
    expect(await sent({ headers: list().headers, body: form })).toBe('performed');
  });

  test.each([
    ['another body', { body: `${form}&QueueNamePrefix=x` }, 'SignatureDoesNotMatch'],
    ['another method', { method: 'PUT', body: form }, 'SignatureDoesNotMatch'],
    ['another path', { path: '/queue', body: form }, 'SignatureDoesNotMatch'],
    ['a query string', { path: '/?Action=DeleteQueue', body: form }, 'SignatureDoesNotMatch'],
  ])('is refused with %s', async (_what, changed, code) => {
    expect(await sent({ headers: list().headers, ...changed })).toBe(code);
    expect(world.asked).toEqual([]);
  });

  test.each([
    ['a signed header changed', { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }],
    ['the host changed', { host: 'sqs.us-east-1.amazonaws.com' }],
    ['its date changed', { 'x-amz-date': '20260101T000000Z' }],
  ])('is refused with %s', async (_what, changed) => {
    expect(await sent({ headers: { ...list().headers, ...changed }, body: form })).toMatch(
      /^(SignatureDoesNotMatch|IncompleteSignature)$/,
    );
    expect(world.asked).toEqual([]);
  });

  test.each([
    ['another Region', '/us-east-1/', '/us-west-2/', 'SignatureDoesNotMatch'],
    ['a Region that isn’t there', '/us-east-1/', '/mars-north-1/', 'OptInRequired'],
    ['another service', '/sqs/', '/sns/', 'SignatureDoesNotMatch'],
    ['another day', /\/\d{8}\//, '/20260101/', 'IncompleteSignature'],
  ])('can’t be used for %s', async (_what, from, to, code) => {
    const { headers } = list();
    const authorization = headers.authorization.replace(from, to);
    expect(await sent({ headers: { ...headers, authorization }, body: form })).toBe(code);
    expect(world.asked).toEqual([]);
  });

  test('has to cover the host', async () => {
    expect(await sent({ headers: list({ unsigned: ['host'] }).headers, body: form })).toBe('SignatureDoesNotMatch');
  });

  test('for S3 has to cover every header of S3’s own', async () => {
    const put = { method: 'PUT', path: '/photos/k', service: 's3', payloadHash: 'UNSIGNED-PAYLOAD' };
    const headers = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'x-amz-acl': 'private' };
    const whole = signRequest(host, { ...put, headers });
    expect(await sent({ method: 'PUT', path: '/photos/k', headers: whole.headers, body: 'x' })).toBe('performed');
    const part = signRequest(host, { ...put, headers, unsigned: ['x-amz-acl'] });
    expect(await sent({ method: 'PUT', path: '/photos/k', headers: part.headers, body: 'x' })).toBe('AccessDenied');
  });
});

describe('a presigned URL', () => {
  const get = async (options: PresignOptions, change = (url: string) => url): Promise<string> => {
    const response = await fetch(change(presign(world.client.endpoint, 'GET', '/photos/k', options)));
    return /<Code>(\w+)</.exec(await response.text())?.[1] ?? 'performed';
  };

  const [machine, aws] = [() => Date.now(), () => world.door.core.clock.now()];
  test.each([
    ['within its life by the machine’s time', machine, -290_000, 'performed'],
    ['within its life by AWS time', aws, -290_000, 'performed'],
    ['after its end', aws, -310_000, 'AccessDenied'],
    ['before its time', aws, 3_600_000, 'AccessDenied'],
  ])('used %s', async (_when, now, offset, expected) => {
    expect(await get({ at: now() + offset, expires: 300 })).toBe(expected);
  });

  test.each([
    ['a longer life', (url: string) => url.replace('X-Amz-Expires=300', 'X-Amz-Expires=3000')],
    ['another key', (url: string) => url.replace('/photos/k', '/photos/other')],
    ['another version', (url: string) => `${url}&versionId=1`],
  ])('can’t be given %s', async (_what, change) => {
    expect(await get({}, change)).toBe('SignatureDoesNotMatch');
    expect(world.asked).toEqual([]);
  });

  test('is for one method only', async () => {
    const url = presign(world.client.endpoint, 'GET', '/photos/k');
    const response = await fetch(url, { method: 'DELETE' });
    expect([response.status, world.asked]).toEqual([403, []]);
  });
});

describe('a URL presigned with Signature Version 2', () => {
  const url = (until = Date.now() + 60_000, secret?: string): string =>
    presignV2(world.client.endpoint, 'GET', '/photos/k', until, secret);

  test.each([
    ['as it was signed', url, 'performed'],
    [
      'after its end by either clock',
      () => url(Math.min(Date.now(), world.door.core.clock.now()) - 5000),
      'AccessDenied',
    ],
    ['without its end', () => url().replace(/&Expires=.*/, ''), 'AccessDenied'],
    ['with a longer life', () => url().replace(/Expires=\d+/, 'Expires=99999999999'), 'SignatureDoesNotMatch'],
    ['for another key', () => url().replace('/photos/k', '/photos/other'), 'SignatureDoesNotMatch'],
    ['for another version', () => `${url()}&versionId=1`, 'SignatureDoesNotMatch'],
    ['signed with another secret', () => url(undefined, 'guessed'), 'SignatureDoesNotMatch'],
  ])('used %s', async (_how, given, expected) => {
    const answer = await (await fetch(given())).text();
    expect(/<Code>(\w+)</.exec(answer)?.[1] ?? 'performed').toBe(expected);
    expect(world.asked).toHaveLength(expected === 'performed' ? 1 : 0);
  });

  test('is no key to another service', async () => {
    const answer = await fetch(`${url().replace('/photos/k', '/')}&Action=ListQueues`);
    expect(world.asked.filter(({ service }) => service !== 's3')).toEqual([]);
    expect(answer.status).toBe(403);
  });
});

describe('an upload in signed chunks', () => {
  const data = ['hello ', 'world'];

  /** The upload as AWS documents it, with one thing changed on the way. */
  async function upload(change: (wire: string) => string, trailer = false): Promise<string> {
    let read = '';
    world.on('s3:PutObject', async ({ Body }: { Body: AsyncIterable<Buffer> }) => {
      for await (const chunk of Body) read += chunk.toString();
      return {};
    });
    const kind = `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer ? '-TRAILER' : ''}`;
    const { headers, signature, sign } = signRequest(host, {
      method: 'PUT',
      path: '/photos/k',
      service: 's3',
      payloadHash: kind,
      headers: {
        'x-amz-content-sha256': kind,
        'x-amz-decoded-content-length': '11',
        ...(trailer ? { 'x-amz-trailer': 'x-amz-checksum-crc32' } : {}),
      },
    });
    let before = signature;
    let wire = '';
    for (const part of [...data, '']) {
      before = sign('AWS4-HMAC-SHA256-PAYLOAD', before, sha256(''), sha256(part));
      wire += `${part.length.toString(16)};chunk-signature=${before}\r\n${part}${part === '' ? '' : '\r\n'}`;
    }
    if (trailer) {
      const checksum = 'x-amz-checksum-crc32:DUoRhQ==';
      const signed = sign('AWS4-HMAC-SHA256-TRAILER', before, sha256(`${checksum}\n`));
      wire += `${checksum}\r\nx-amz-trailer-signature:${signed}\r\n`;
    }
    const outcome = await sent({ method: 'PUT', path: '/photos/k', headers, body: change(`${wire}\r\n`) });
    return outcome === 'performed' ? read : outcome;
  }

  test('arrives as it was signed, with and without trailers', async () => {
    expect(await upload((wire) => wire)).toBe('hello world');
    expect(await upload((wire) => wire, true)).toBe('hello world');
  });

  test.each([
    ['a changed byte', (wire: string) => wire.replace('hello', 'jello'), false],
    ['a chunk without its signature', (wire: string) => wire.replace(/;chunk-signature=[0-9a-f]+/, ''), false],
    [
      'chunks in another order',
      (wire: string) => wire.replace(/^(6;.*?\r\nhello \r\n)(5;.*?\r\nworld\r\n)/s, '$2$1'),
      false,
    ],
    ['a changed trailer signature', (wire: string) => wire.replace(/(trailer-signature:)./, '$1_'), true],
  ])('%s is noticed', async (_what, change, trailer) => {
    expect(await upload(change, trailer)).toBe('SignatureDoesNotMatch');
  });
});
