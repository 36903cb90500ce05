import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AwsError } from '../../../src/sandbox/contract.ts';
import { inProcessHandler } from '../../../src/sandbox/gateway/in-process.ts';
import type { PresignOptions } from './signing.ts';
import { presign } from './signing.ts';
import type { World } from './world.ts';
import { startWorld } from './world.ts';

let world: World;
let s3: S3Client;

beforeAll(async () => {
  world = await startWorld();
  s3 = new S3Client(world.client);
});
beforeEach(() => {
  world.on('s3:PutObject', async ({ Body }: { Body: Readable }) => ({ ETag: `"${await md5(Body)}"`, VersionId: 'v1' }));
  world.on('s3:CopyObject', () => ({ CopyObjectResult: { ETag: '"e"' } }));
  world.on('s3:UploadPartCopy', () => ({ CopyPartResult: { ETag: '"e"' } }));
});
afterAll(async () => {
  s3.destroy();
  await world.close();
});

const md5 = async (stream: Readable): Promise<string> => {
  const hash = createHash('md5');
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return hash.digest('hex');
};
const digest = (data: string | Uint8Array): string => `"${createHash('md5').update(data).digest('hex')}"`;
const lastInput = (): Record<string, unknown> => world.asked.at(-1)?.input ?? {};

describe('uploads', () => {
  test('a body in memory arrives whole, with its metadata', async () => {
    const body = randomBytes(20_000);
    const answer = await s3.send(
      new PutObjectCommand({
        Bucket: 'photos',
        Key: 'a b/ö+c?.jpg',
        Body: body,
        Metadata: { who: 'ada' },
        ContentType: 'image/jpeg',
        CacheControl: 'no-cache',
      }),
    );
    expect(answer.ETag).toBe(digest(body));
    expect(lastInput()).toMatchObject({
      Bucket: 'photos',
      Key: 'a b/ö+c?.jpg',
      Metadata: { who: 'ada' },
      ContentType: 'image/jpeg',
      CacheControl: 'no-cache',
      ContentLength: 20_000,
    });
    expect(lastInput().ContentEncoding).toBeUndefined();
  });

  test('a stream arrives unwrapped from aws-chunked, with its decoded length', async () => {
    const body = randomBytes(3_000_000);
    const answer = await s3.send(
      new PutObjectCommand({
        Bucket: 'photos',
        Key: 'k',
        Body: Readable.from([body.subarray(0, 1_000_001), body.subarray(1_000_001)]),
        ContentLength: body.length,
        ContentEncoding: 'gzip',
      }),
    );
    expect(answer.ETag).toBe(digest(body));
    expect(lastInput()).toMatchObject({ ContentLength: body.length, ContentEncoding: 'gzip' });
  });

  test.each(['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const)('the checksum %s is verified', async (algorithm) => {
    const input = { Bucket: 'photos', Key: 'k', ChecksumAlgorithm: algorithm, ContentLength: 9 };
    const good = await s3.send(new PutObjectCommand({ ...input, Body: Readable.from([Buffer.from('123456789')]) }));
    expect(good.ETag).toBe(digest('123456789'));
    const wrong = {
      [`Checksum${algorithm}`]: Buffer.alloc({ CRC32: 4, CRC32C: 4, SHA1: 20, SHA256: 32 }[algorithm]).toString(
        'base64',
      ),
    };
    await expect(
      s3.send(new PutObjectCommand({ ...input, ...wrong, Body: Buffer.from('123456789') })),
    ).rejects.toMatchObject({ name: 'BadDigest' });
  });

  test('memory does not grow with the object', async () => {
    const [size, chunk] = [300, Buffer.alloc(1024 * 1024, 7)];
    let peak = 0;
    world.on('s3:PutObject', async ({ Body }: { Body: Readable }) => {
      let length = 0;
      for await (const part of Body) {
        length += (part as Buffer).length;
        peak = Math.max(peak, process.memoryUsage().arrayBuffers);
      }
      return { ETag: String(length) };
    });
    const before = process.memoryUsage().arrayBuffers;
    const body = Readable.from(
      (function* () {
        for (let part = 0; part < size; part++) yield chunk;
      })(),
    );
    const answer = await s3.send(
      new PutObjectCommand({ Bucket: 'photos', Key: 'big', Body: body, ContentLength: size * chunk.length }),
    );
    expect(answer.ETag).toBe(String(size * chunk.length));
    expect(peak - before).toBeLessThan(60 * 1024 * 1024);
  });

  test('an operation that leaves the body unread still answers, and the connection lives on', async () => {
    world.on('s3:PutObject', () => {
      throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', { fields: { BucketName: 'gone' } });
    });
    for (let attempt = 0; attempt < 3; attempt++) {
      const body = Buffer.alloc(2_000_000);
      await expect(s3.send(new PutObjectCommand({ Bucket: 'gone', Key: 'k', Body: body }))).rejects.toMatchObject({
        name: 'NoSuchBucket',
        $metadata: { httpStatusCode: 404 },
      });
    }
  });

  test('multipart inputs have the shapes of the SDK', async () => {
    world.on('s3:CreateMultipartUpload', () => ({ UploadId: 'u', Bucket: 'photos', Key: 'k' }));
    world.on('s3:UploadPart', async ({ Body }: { Body: Readable }) => ({ ETag: `"${await md5(Body)}"` }));
    world.on('s3:CompleteMultipartUpload', () => ({ ETag: '"x-2"', Location: 'l', VersionId: 'v' }));
    expect(await s3.send(new CreateMultipartUploadCommand({ Bucket: 'photos', Key: 'k' }))).toMatchObject({
      UploadId: 'u',
      Key: 'k',
    });
    const part = await s3.send(
      new UploadPartCommand({ Bucket: 'photos', Key: 'k', UploadId: 'u', PartNumber: 2, Body: 'part' }),
    );
    expect(lastInput()).toMatchObject({ UploadId: 'u', PartNumber: 2 });
    expect(part.ETag).toBe(digest('part'));
    const MultipartUpload = { Parts: [{ PartNumber: 2, ETag: digest('part') }] };
    const done = await s3.send(
      new CompleteMultipartUploadCommand({ Bucket: 'photos', Key: 'k', UploadId: 'u', MultipartUpload }),
    );
    expect(lastInput()).toMatchObject({ UploadId: 'u', MultipartUpload });
    expect(done).toMatchObject({ ETag: '"x-2"', VersionId: 'v' });
  });
});

describe('operations that share a method and path are told apart', () => {
  test.each([
    ['ListBuckets', new ListBucketsCommand({})],
    ['ListObjects', new ListObjectsCommand({ Bucket: 'b' })],
    ['ListObjectsV2', new ListObjectsV2Command({ Bucket: 'b', Prefix: 'a b', MaxKeys: 2 })],
    ['ListObjectVersions', new ListObjectVersionsCommand({ Bucket: 'b' })],
    [
      'CreateBucket',
      new CreateBucketCommand({ Bucket: 'b', CreateBucketConfiguration: { LocationConstraint: 'us-west-2' } }),
    ],
    [
      'PutBucketVersioning',
      new PutBucketVersioningCommand({ Bucket: 'b', VersioningConfiguration: { Status: 'Enabled' } }),
    ],
    [
      'PutBucketReplication',
      new PutBucketReplicationCommand({
        Bucket: 'b',
        ReplicationConfiguration: {
          Role: 'r',
          Rules: [{ Status: 'Enabled', Destination: { Bucket: 'd' }, Filter: { Prefix: '' } }],
        },
      }),
    ],
    ['CopyObject', new CopyObjectCommand({ Bucket: 'b', Key: 'k', CopySource: 'b/k%20x' })],
    [
      'UploadPartCopy',
      new UploadPartCopyCommand({ Bucket: 'b', Key: 'k', CopySource: 'b/k', UploadId: 'u', PartNumber: 1 }),
    ],
    ['ListParts', new ListPartsCommand({ Bucket: 'b', Key: 'k', UploadId: 'u' })],
    ['DeleteObject', new DeleteObjectCommand({ Bucket: 'b', Key: 'k', VersionId: 'v' })],
    [
      'DeleteObjects',
      new DeleteObjectsCommand({ Bucket: 'b', Delete: { Objects: [{ Key: 'a' }, { Key: 'b\r\n' }], Quiet: true } }),
    ],
    // biome-ignore lint/suspicious/noExplicitAny: commands of many types stand in one table.
  ] as [string, any][])('%s', async (operation, command) => {
    const given = { ...command.input };
    await s3.send(command);
    expect(world.asked.at(-1)?.operation).toBe(operation);
    expect(lastInput()).toMatchObject(given);
  });
});

describe('answers', () => {
  test('GetObject streams, with range, conditions and metadata', async () => {
    world.on('s3:GetObject', () => ({
      Body: Readable.from([Buffer.from('abc'), Buffer.from('def')]),
      ContentLength: 6,
      ContentRange: 'bytes 0-5/10',
      ETag: '"e"',
      LastModified: new Date('2026-11-23T12:00:00Z'),
      Metadata: { who: 'ada', note: 'größe' },
      ContentType: 'image/jpeg',
    }));
    const answer = await s3.send(
      new GetObjectCommand({
        Bucket: 'photos',
        Key: 'k',
        Range: 'bytes=0-5',
        IfNoneMatch: '"x"',
        IfModifiedSince: new Date('2026-01-01T00:00:00Z'),
        ResponseContentType: 'a/b',
      }),
    );
    expect(lastInput()).toMatchObject({
      Range: 'bytes=0-5',
      IfNoneMatch: '"x"',
      IfModifiedSince: new Date('2026-01-01T00:00:00Z'),
      ResponseContentType: 'a/b',
    });
    expect(await answer.Body?.transformToString()).toBe('abcdef');
    expect(answer).toMatchObject({
      ETag: '"e"',
      ContentLength: 6,
      LastModified: new Date('2026-11-23T12:00:00Z'),
      ContentType: 'image/jpeg',
      $metadata: { httpStatusCode: 206 },
    });
    expect(answer.Metadata).toEqual({ who: 'ada', note: '=?UTF-8?B?Z3LDtsOfZQ==?=' });
  });

  test('a small body may be bytes', async () => {
    world.on('s3:GetObject', () => ({ Body: Buffer.from('abc') }));
    const answer = await s3.send(new GetObjectCommand({ Bucket: 'photos', Key: 'k' }));
    expect([await answer.Body?.transformToString(), answer.ContentLength]).toEqual(['abc', 3]);
  });

  test('HEAD has headers and no body', async () => {
    world.on('s3:HeadObject', () => ({ ContentLength: 12345, ETag: '"e"' }));
    expect(await s3.send(new HeadObjectCommand({ Bucket: 'photos', Key: 'k' }))).toMatchObject({
      ContentLength: 12345,
      ETag: '"e"',
    });
    world.on('s3:HeadObject', () => {
      throw new AwsError('NotFound', 'Not Found', { status: 404 });
    });
    await expect(s3.send(new HeadObjectCommand({ Bucket: 'photos', Key: 'k' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
  });

  test.each([undefined, 'us-west-2'])('a bucket location of %s', async (location) => {
    world.on('s3:GetBucketLocation', () => (location === undefined ? {} : { LocationConstraint: location }));
    expect((await s3.send(new GetBucketLocationCommand({ Bucket: 'b' }))).LocationConstraint).toBe(location);
  });

  test('listings', async () => {
    const listing = {
      Name: 'b',
      KeyCount: 2,
      IsTruncated: true,
      NextContinuationToken: 't',
      Contents: [
        { Key: ' a&b ', Size: 3, ETag: '"e"', LastModified: new Date('2026-11-23T12:00:00Z') },
        { Key: 'c\r\n' },
      ],
      CommonPrefixes: [{ Prefix: 'x/' }],
    };
    world.on('s3:ListObjectsV2', () => listing);
    const { $metadata: _metadata, ...answer } = await s3.send(new ListObjectsV2Command({ Bucket: 'b' }));
    expect(answer).toEqual(listing);
  });

  test('a redirect names the Region in its header', async () => {
    world.on('s3:HeadBucket', () => {
      throw new AwsError('PermanentRedirect', 'elsewhere', {
        status: 301,
        fields: { 'x-amz-bucket-region': 'us-west-2' },
      });
    });
    const response = await fetch(presigned('HEAD', '/b'), { method: 'HEAD', redirect: 'manual' });
    expect([response.status, response.headers.get('x-amz-bucket-region')]).toEqual([301, 'us-west-2']);
  });

  test('304 has no body', async () => {
    world.on('s3:GetObject', () => {
      throw new AwsError('NotModified', 'Not Modified', { status: 304 });
    });
    const response = await fetch(presigned('GET', '/photos/k'));
    expect([response.status, await response.text()]).toEqual([304, '']);
  });

  test('a stream that breaks ends the connection, not the gateway', async () => {
    world.on('s3:GetObject', () => ({
      Body: Readable.from(
        (function* () {
          yield Buffer.from('abc');
          throw new Error('disk');
        })(),
      ),
      ContentLength: 6,
    }));
    const answer = await s3.send(new GetObjectCommand({ Bucket: 'photos', Key: 'k' }));
    await expect(answer.Body?.transformToString()).rejects.toThrow();
    world.on('s3:GetObject', () => ({ Body: Buffer.from('fine') }));
    expect(await (await s3.send(new GetObjectCommand({ Bucket: 'photos', Key: 'k' }))).Body?.transformToString()).toBe(
      'fine',
    );
  });
});

describe('presigned URLs', () => {
  test('put and get', async () => {
    const put = await fetch(presigned('PUT', '/photos/a%20b'), { method: 'PUT', body: 'hello' });
    expect([put.status, put.headers.get('etag')]).toEqual([200, digest('hello')]);
    expect(lastInput()).toMatchObject({ Bucket: 'photos', Key: 'a b' });
    world.on('s3:GetObject', () => ({ Body: Buffer.from('hello') }));
    expect(await (await fetch(presigned('GET', '/photos/a%20b'))).text()).toBe('hello');
  });

  test.each([
    ['expired', { at: Date.now() - 3_600_000, expires: 60 }, 403, 'AccessDenied'],
    ['of another key', { key: 'AKIDNOBODY' }, 403, 'InvalidAccessKeyId'],
    ['with another secret', { secret: 'wrong' }, 403, 'SignatureDoesNotMatch'],
    ['good for too long', { expires: 604_801 }, 400, 'AuthorizationHeaderMalformed'],
  ])('one %s is refused', async (_what, options, status, code) => {
    const response = await fetch(presigned('GET', '/photos/k', options));
    expect([response.status, /<Code>(\w+)</.exec(await response.text())?.[1]]).toEqual([status, code]);
  });
});

test('virtual hosts name the bucket', async () => {
  const requestHandler = {
    handle: (request: { headers: Record<string, string> }) => {
      expect(request.headers).toMatchObject({ host: 'photos.dev.localhost' });
      return inProcessHandler(world.door, 'outside').handle(request as never);
    },
  };
  const virtual = new S3Client({
    ...world.client,
    endpoint: 'http://localhost',
    requestHandler: requestHandler as never,
  });
  await virtual.send(new DeleteObjectCommand({ Bucket: 'photos.dev', Key: 'x/y' }));
  expect(lastInput()).toMatchObject({ Bucket: 'photos.dev', Key: 'x/y' });
});

const presigned = (method: string, path: string, options: PresignOptions = {}): string =>
  presign(world.client.endpoint, method, path, options);
