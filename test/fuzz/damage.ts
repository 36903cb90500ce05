/** What happens to a request on its way: truncation, excess, lies about itself, broken encodings, deep nesting, bad signatures. */

import type { Draw } from './draw.ts';
import type { FuzzRequest, Sending } from './request.ts';
import { noise } from './texts.ts';

export interface Damaged {
  readonly request: FuzzRequest;
  readonly sending: Sending;
  readonly damage: readonly string[];
}

/** Half of all requests are sent as they are; the others carry one kind of damage, some of them two. */
export function damage(draw: Draw, request: FuzzRequest): Damaged {
  let damaged: Damaged = { request, sending: { signature: 'right', lines: [] }, damage: [] };
  const times = draw.once(2) ? 0 : draw.once(5) ? 2 : 1;
  for (let time = 0; time < times; time++) {
    const [name, hurt] = draw.of(kinds);
    damaged = { ...hurt(draw, damaged), damage: [...damaged.damage, name] };
  }
  return damaged;
}

type Hurt = (draw: Draw, damaged: Damaged) => Damaged;

const body =
  (change: (draw: Draw, body: Buffer, request: FuzzRequest) => Buffer | string): Hurt =>
  (draw, damaged) => ({
    ...damaged,
    request: { ...damaged.request, body: Buffer.from(change(draw, damaged.request.body, damaged.request)) },
  });

const request =
  (change: (draw: Draw, request: FuzzRequest) => Partial<FuzzRequest>): Hurt =>
  (draw, damaged) => ({ ...damaged, request: { ...damaged.request, ...change(draw, damaged.request) } });

const sending =
  (change: (draw: Draw, damaged: Damaged) => Partial<Sending>): Hurt =>
  (draw, damaged) => ({ ...damaged, sending: { ...damaged.sending, ...change(draw, damaged) } });

const kinds: readonly (readonly [string, Hurt])[] = [
  ['truncated body', body((draw, bytes) => bytes.subarray(0, draw.below(bytes.length + 1)))],
  [
    'changed bytes',
    body((draw, bytes) => {
      const changed = Buffer.from(bytes);
      for (let time = draw.below(8); time >= 0 && changed.length > 0; time--) {
        changed[draw.below(changed.length)] = draw.below(256);
      }
      return changed;
    }),
  ],
  ['doubled body', body((_draw, bytes) => Buffer.concat([bytes, bytes]))],
  ['noise for a body', body((draw) => noise(draw, 200))],
  ['deep nesting', body((draw, bytes, { headers }) => nested(draw, bytes, headers['content-type'] ?? ''))],
  ['XML entities', body((draw) => draw.of(entities))],
  [
    'oversized body',
    body((draw, bytes) =>
      draw.once(40)
        ? Buffer.concat([bytes, Buffer.alloc(9 * 1024 * 1024, 'x')])
        : Buffer.concat([bytes, Buffer.alloc(draw.below(200_000), 'x')]),
    ),
  ],
  [
    'another content type',
    request((draw, { headers }) => ({
      headers: {
        ...headers,
        'content-type': draw.of([
          '',
          'application/json',
          'application/x-amz-json-1.0',
          'application/x-www-form-urlencoded; charset=utf-8',
          'application/xml',
          'application/cbor',
          'text/plain',
          'multipart/form-data; boundary=x',
          'x'.repeat(2000),
        ]),
      },
    })),
  ],
  [
    'another protocol',
    request((draw, { headers }) => ({
      headers: {
        ...headers,
        ...draw.of([
          { 'smithy-protocol': 'rpc-v2-cbor' },
          { 'x-amz-target': 'Nobody.Nothing' },
          { 'x-amz-target': '' },
          { 'x-amz-target': 'a.b.c.d' },
        ]),
      },
    })),
  ],
  [
    'another method',
    request((draw) => ({
      method: draw.of(['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS', 'QUERY', 'PROPFIND']),
    })),
  ],
  [
    'another path',
    request((draw, { path }) => ({
      path: draw.of([
        `${path}/`,
        `/${path}`,
        `${path}/../..`,
        `${path}%00`,
        `${path}%`,
        `${path};x`,
        '/',
        `/${'a/'.repeat(500)}`,
        '/%ff%fe',
        '/a%2Fb',
      ]),
    })),
  ],
  [
    'another query string',
    request((draw, { query }) => ({
      query: draw.of([
        `${query}&`,
        `${query}&${query}`,
        `${query}&a=%`,
        `${query}&=`,
        `${query}&&&`,
        `${query}&x-id=Nothing`,
        `${query}&${'a=b&'.repeat(2000)}a`,
        'uploads',
        'uploadId=x&partNumber=-1',
        'versionId=',
        'acl',
        'torrent',
        'list-type=3',
        'max-keys=x',
        'Action=',
        'X-Amz-Signature=x',
        'X-Amz-Credential=a/b/c/d/e&X-Amz-Algorithm=AWS4-HMAC-SHA256',
      ]),
    })),
  ],
  [
    'another service',
    request((draw) => ({
      service: draw.of(['', 'ecr', 's3', 'sqs', 'ec2', 'lambda', '__proto__', 'monitoring', 'x'.repeat(300)]),
    })),
  ],
  [
    'absurd headers',
    request((draw, { headers }) => ({
      headers: {
        ...headers,
        ...draw.of([
          { range: draw.of(['bytes=5-1', 'bytes=-0', 'bytes=0-0,5-6', 'lines=1-2', `bytes=${'9'.repeat(40)}-`]) },
          { 'if-modified-since': noise(draw).replace(/[^\x20-\x7e]/g, '') },
          { 'if-match': '"' },
          { 'content-md5': draw.of(['', 'x', 'AAAA', '====']) },
          { 'x-amz-checksum-crc32': draw.of(['', 'x', 'AAAAAA==']) },
          { 'x-amz-sdk-checksum-algorithm': 'ROT13' },
          { 'x-amz-copy-source': draw.of(['', '/', 'fuzz-bucket', '%', 'fuzz-bucket/a?versionId=x', '%2F%2F']) },
          { 'x-amz-tagging': draw.of(['=', 'a', '%zz=1', 'a=b&a=c', 'a=b&'.repeat(80)]) },
          { 'x-amz-acl': 'everything' },
          { 'x-amz-object-lock-mode': 'FOREVER', 'x-amz-object-lock-retain-until-date': 'tomorrow' },
          { 'content-encoding': 'gzip' },
          { 'accept-encoding': 'br;q=x' },
          { 'x-amz-security-token': 'nobody' },
          { 'x-amz-invocation-type': 'Whenever' },
          { 'x-amz-client-context': '{' },
          { 'amz-sdk-invocation-id': '\u00e9' },
          { cookie: 'a=b;'.repeat(500) },
          {
            host: draw.of([
              '',
              'fuzz-bucket.s3.us-east-1.amazonaws.com',
              '.s3.amazonaws.com',
              'a'.repeat(300),
              '[::1',
              'fuzz-bucket.localhost:99999',
              's3.localhost',
            ]),
          },
          { 'x-amz-meta-a': 'x'.repeat(3000) },
          { 'x-amz-decoded-content-length': draw.of(['-1', 'x', '1e9', '', '99999999999999999999']) },
        ]),
      },
    })),
  ],
  [
    'headers that are none',
    sending((draw) => ({
      lines: [
        draw.of([
          'no colon',
          ': empty',
          'a b: c',
          'x-folded: a\r\n b',
          'x-null: \0',
          `x-big: ${'y'.repeat(20_000)}`,
          'content-length: 5',
          'transfer-encoding: chunked',
          'transfer-encoding: gzip, chunked',
          'expect: 200-maybe',
          'expect: 100-continue',
          'upgrade: websocket\r\nconnection: upgrade',
          'host: another',
        ]),
      ],
    })),
  ],
  [
    'many headers',
    sending((draw) => ({ lines: Array.from({ length: draw.below(3000) }, (_, index) => `x-h${index}: ${index}`) })),
  ],
  [
    'a lie about the length',
    sending((draw) => ({ contentLength: draw.of(['0', '1', '-1', 'x', '99999999999999999999', '1e3', '+5', '']) })),
  ],
  ['cut short', sending((draw, damaged) => ({ cutAt: draw.below(damaged.request.body.length + 1) }))],
  [
    'a bad signature',
    sending((draw) => ({
      signature: draw.of([
        'none',
        'other secret',
        'unknown key',
        'old',
        'cut',
        'other Region',
        'a token of nobody',
        'nonsense',
      ] as const),
    })),
  ],
  [
    'a bad hash',
    sending((draw) => ({
      payloadHash: draw.of([
        '',
        'x',
        '0'.repeat(64),
        'UNSIGNED-PAYLOAD',
        'STREAMING-',
        'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
        'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER',
      ]),
    })),
  ],
  [
    'broken chunks',
    (draw, damaged) => ({
      ...damaged,
      request: {
        ...damaged.request,
        headers: {
          ...damaged.request.headers,
          'content-encoding': 'aws-chunked',
          ...(draw.once(2)
            ? { 'x-amz-trailer': draw.of(['x-amz-checksum-crc32', 'x-amz-checksum-nothing', '', 'a,b,c']) }
            : {}),
          ...(draw.once(2) ? { 'x-amz-decoded-content-length': String(damaged.request.body.length) } : {}),
        },
        body: brokenChunks(draw, damaged.request.body),
      },
      sending: { ...damaged.sending, payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' },
    }),
  ],
];

function nested(draw: Draw, bytes: Buffer, contentType: string): string {
  const depth = draw.of([10, 63, 64, 65, 1000, 30_000]);
  if (contentType.includes('json'))
    return draw.of([
      '['.repeat(depth) + ']'.repeat(depth),
      `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
      '['.repeat(depth),
    ]);
  if (contentType.includes('form')) return `${bytes.toString('latin1')}&${'a.1.'.repeat(depth)}=x`;
  if (contentType.includes('cbor')) return Buffer.alloc(depth, 0x81).toString('latin1');
  return draw.of([
    '<a>'.repeat(depth) + '</a>'.repeat(depth),
    '<a>'.repeat(depth),
    `<a ${'b="c" '.repeat(depth)}/>`,
    `<a>${'<!-- -->'.repeat(depth)}</a>`,
  ]);
}

const entities: readonly string[] = [
  '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;"><!ENTITY lol3 "&lol2;&lol2;&lol2;">]><a>&lol3;</a>',
  '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
  '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><a/>',
  '<a>&unknown;</a>',
  '<a>&#x110000;</a>',
  '<a>&#0;&#xD800;&#xFFFF;</a>',
  '<a b="&lt;" c=\'&quot;\' d/>',
  '<?xml version="1.1" encoding="UTF-16"?><a/>',
  '<a xmlns:b="c"><b:d/></a>',
  '<a><![CDATA[</a>',
  '\ufeff<a/>',
];

function brokenChunks(draw: Draw, bytes: Buffer): Buffer {
  const hex = bytes.length.toString(16);
  const whole = (before: string, after: string): Buffer =>
    Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]);
  return draw.of([
    () => whole(`${hex}\r\n`, '\r\n0\r\n\r\n'),
    () => whole(`${hex}\r\n`, '\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n'),
    () => whole(`${hex};chunk-signature=x\r\n`, '\r\n0;chunk-signature=\r\n\r\n'),
    () => whole('ffffffff\r\n', ''),
    () => whole('-5\r\n', '\r\n0\r\n\r\n'),
    () => whole('1\r\n', '0\r\n'),
    () => whole('0\r\n', 'x:y:z\r\n'.repeat(1000)),
    () => whole('0'.repeat(9000), ''),
    () => whole('', '\r\n'),
    () => Buffer.from('\r\n\r\n\r\n'),
    () => Buffer.from('zz\r\n'),
    () => whole(`${hex}\n`, '\n0\n\n'),
  ])();
}
