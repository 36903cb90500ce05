/** S3: conditional writes, versions and delete markers, ranges, lists, multipart uploads and presigned requests. */

import { createHash, randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  BucketAlreadyOwnedByYou,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  NoSuchBucket,
  NoSuchKey,
  NotFound,
  PutBucketPolicyCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
  waitUntilBucketExists,
  waitUntilObjectExists,
  waitUntilObjectNotExists,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import type { ContractTarget } from '../contract.ts';
import { byText, contractCase, pagesOf, refused } from '../contract.ts';
import { presigned } from '../presigned.ts';

export const s3 = [
  contractCase('a conditional write succeeds once and is refused with 412 after that', async (target) => {
    const { client, Bucket } = await bucketOf(target);
    const object = { Bucket, Key: 'lock' };
    const { ETag } = await client.send(new PutObjectCommand({ ...object, Body: 'one', IfNoneMatch: '*' }));
    await refused(
      client.send(new PutObjectCommand({ ...object, Body: 'two', IfNoneMatch: '*' })),
      'PreconditionFailed',
      412,
    );
    await refused(
      client.send(new PutObjectCommand({ ...object, Body: 'two', IfMatch: '"0"' })),
      'PreconditionFailed',
      412,
    );
    await client.send(new PutObjectCommand({ ...object, Body: 'two', IfMatch: ETag }));
    await refused(client.send(new GetObjectCommand({ ...object, IfMatch: ETag })), 'PreconditionFailed', 412);
    const read = await client.send(new GetObjectCommand(object));
    expect(await read.Body?.transformToString()).toBe('two');
    await refused(
      client.send(new PutObjectCommand({ Bucket, Key: 'none', Body: 'x', IfMatch: '"0"' })),
      NoSuchKey,
      404,
    );
  }),

  contractCase(
    'versions stay behind delete markers, and deleting the marker brings the object back',
    async (target) => {
      const { client, Bucket } = await bucketOf(target);
      await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
      const object = { Bucket, Key: 'a' };
      const first = await client.send(new PutObjectCommand({ ...object, Body: 'one' }));
      const second = await client.send(new PutObjectCommand({ ...object, Body: 'two' }));
      expect(first.VersionId).not.toBe(second.VersionId);
      const gone = await client.send(new DeleteObjectCommand(object));
      expect(gone).toMatchObject({ DeleteMarker: true, VersionId: expect.any(String) });
      await refused(client.send(new GetObjectCommand(object)), NoSuchKey, 404);
      await refused(client.send(new HeadObjectCommand(object)), NotFound, 404);
      const old = await client.send(new GetObjectCommand({ ...object, VersionId: first.VersionId }));
      expect(await old.Body?.transformToString()).toBe('one');
      await refused(
        client.send(new GetObjectCommand({ ...object, VersionId: gone.VersionId })),
        'MethodNotAllowed',
        405,
      );
      const listed = await client.send(new ListObjectVersionsCommand({ Bucket }));
      expect(listed.Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
        [second.VersionId, false],
        [first.VersionId, false],
      ]);
      expect(listed.DeleteMarkers).toMatchObject([{ Key: 'a', VersionId: gone.VersionId, IsLatest: true }]);
      await client.send(new DeleteObjectCommand({ ...object, VersionId: gone.VersionId }));
      const back = await client.send(new GetObjectCommand(object));
      expect([await back.Body?.transformToString(), back.VersionId]).toEqual(['two', second.VersionId]);
    },
  ),

  contractCase('ranges answer 206 with the bytes asked for, and 416 beyond the end', async (target) => {
    const { client, Bucket } = await bucketOf(target);
    const object = { Bucket, Key: 'a' };
    await client.send(new PutObjectCommand({ ...object, Body: '0123456789' }));
    for (const [Range, text, ContentRange] of [
      ['bytes=2-4', '234', 'bytes 2-4/10'],
      ['bytes=7-', '789', 'bytes 7-9/10'],
      ['bytes=-3', '789', 'bytes 7-9/10'],
      ['bytes=8-100', '89', 'bytes 8-9/10'],
    ] as const) {
      const part = await client.send(new GetObjectCommand({ ...object, Range }));
      expect(part).toMatchObject({ ContentRange, ContentLength: text.length, $metadata: { httpStatusCode: 206 } });
      expect(await part.Body?.transformToString()).toBe(text);
    }
    await refused(client.send(new GetObjectCommand({ ...object, Range: 'bytes=10-' })), 'InvalidRange', 416);
    const whole = await client.send(new GetObjectCommand({ ...object, Range: 'lines=1-2' }));
    expect(whole.$metadata.httpStatusCode).toBe(200);
  }),

  contractCase('lists go on page by page, with prefixes and what lies under delimiters', async (target) => {
    const { client, Bucket } = await bucketOf(target);
    const keys = ['a/1', 'a/2', 'b', 'c/x y', 'c/ü', 'd'];
    for (const Key of keys) await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    const pages = await pagesOf(paginateListObjectsV2({ client, pageSize: 2 }, { Bucket }));
    expect(pages.map(({ Contents }) => Contents?.map(({ Key }) => Key))).toEqual([
      ['a/1', 'a/2'],
      ['b', 'c/x y'],
      ['c/ü', 'd'],
    ]);
    expect(pages.map(({ KeyCount, IsTruncated }) => [KeyCount, IsTruncated])).toEqual([
      [2, true],
      [2, true],
      [2, false],
    ]);
    const folders = await pagesOf(paginateListObjectsV2({ client, pageSize: 2 }, { Bucket, Delimiter: '/' }));
    const entries = folders.map(({ Contents = [], CommonPrefixes = [] }) => [
      ...CommonPrefixes.map(({ Prefix }) => Prefix),
      ...Contents.map(({ Key }) => Key),
    ]);
    expect(entries).toEqual([
      ['a/', 'b'],
      ['c/', 'd'],
    ]);
    const [under] = await pagesOf(paginateListObjectsV2({ client }, { Bucket, Prefix: 'c/', StartAfter: 'c/x' }));
    expect(under?.Contents?.map(({ Key, Size }) => [Key, Size])).toEqual([
      ['c/x y', 5],
      ['c/ü', 4],
    ]);
  }),

  contractCase('an upload in parts: its ETag, its refusals, and nothing left when it is given up', async (target) => {
    const { client, Bucket } = await bucketOf(target);
    const upload = { Bucket, Key: 'big' };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...upload, ContentType: 'text/x' }));
    const parts = [randomBytes(5 * 1024 * 1024), randomBytes(3)];
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for (const [index, Body] of parts.entries()) {
      const PartNumber = index + 1;
      const { ETag } = await client.send(new UploadPartCommand({ ...upload, UploadId, PartNumber, Body }));
      Parts.push({ PartNumber, ETag });
    }
    const complete = (list: typeof Parts): Promise<unknown> =>
      client.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts: list } }));
    await refused(complete([...Parts].reverse()), 'InvalidPartOrder', 400);
    await refused(complete([{ PartNumber: 1, ETag: '"0"' }]), 'InvalidPart', 400);
    await complete(Parts);
    const read = await client.send(new GetObjectCommand(upload));
    const digest = createHash('md5');
    for (const part of parts) digest.update(createHash('md5').update(part).digest());
    expect(read).toMatchObject({
      ETag: `"${digest.digest('hex')}-2"`,
      ContentType: 'text/x',
      ContentLength: 5 * 1024 * 1024 + 3,
    });
    expect(Buffer.from((await read.Body?.transformToByteArray()) ?? []).equals(Buffer.concat(parts))).toBe(true);
    const other = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'other' }));
    const given = { Bucket, Key: 'other', UploadId: other.UploadId };
    const part = { ...given, PartNumber: 1, CopySource: `${Bucket}/big` };
    const { CopyPartResult } = await client.send(new UploadPartCopyCommand({ ...part, CopySourceRange: 'bytes=0-2' }));
    const first = createHash('md5')
      .update(parts[0]?.subarray(0, 3) ?? '')
      .digest('hex');
    expect(CopyPartResult?.ETag).toBe(`"${first}"`);
    for (const CopySourceRange of ['bytes=0-9999999', 'bytes=1-', 'bytes=3-1']) {
      await refused(client.send(new UploadPartCopyCommand({ ...part, CopySourceRange })), 'InvalidArgument', 400);
    }
    await refused(
      client.send(new UploadPartCopyCommand({ ...part, CopySource: `${Bucket}/%zz` })),
      'InvalidArgument',
      400,
    );
    await client.send(new AbortMultipartUploadCommand(given));
    await refused(client.send(new UploadPartCommand({ ...given, PartNumber: 1, Body: 'x' })), 'NoSuchUpload', 404);
  }),

  contractCase('parts under 5 MB are refused, except the last', async (target) => {
    const { client, Bucket } = await bucketOf(target);
    const upload = { Bucket, Key: 'small' };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(upload));
    const Parts = [];
    for (const PartNumber of [1, 2]) {
      const { ETag } = await client.send(new UploadPartCommand({ ...upload, UploadId, PartNumber, Body: 'small' }));
      Parts.push({ PartNumber, ETag });
    }
    const done = client.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts } }));
    await refused(done, 'EntityTooSmall', 400);
    await client.send(new AbortMultipartUploadCommand({ ...upload, UploadId }));
  }),

  contractCase(
    'presigned requests read and write without credentials, until they are altered or over',
    async (target) => {
      const { client, Bucket } = await bucketOf(target);
      const { accessKeyId, secretAccessKey, sessionToken } = await client.config.credentials();
      const sign = (method: string, Key: string, options: { at?: number; expires?: number } = {}): string =>
        presigned({ ...options, method, target, Bucket, Key, accessKeyId, secretAccessKey, sessionToken });
      const put = await fetch(sign('PUT', 'a b/ü+.txt'), { method: 'PUT', body: 'presigned' });
      expect(put.status).toBe(200);
      const read = await client.send(new GetObjectCommand({ Bucket, Key: 'a b/ü+.txt' }));
      expect(await read.Body?.transformToString()).toBe('presigned');
      const get = await fetch(sign('GET', 'a b/ü+.txt'));
      expect(await get.text()).toBe('presigned');
      const answers = [
        await fetch(sign('GET', 'a b/ü+.txt').replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))),
        await fetch(sign('GET', 'a b/ü+.txt'), { method: 'DELETE' }),
        await fetch(sign('GET', 'a b/ü+.txt', { at: Date.now() - 3_600_000, expires: 60 })),
        await fetch(sign('GET', 'none')),
      ];
      const codes = await Promise.all(
        answers.map(async (answer) => [answer.status, /<Code>(\w+)</.exec(await answer.text())?.[1]]),
      );
      expect(codes).toEqual([
        [403, 'SignatureDoesNotMatch'],
        [403, 'SignatureDoesNotMatch'],
        [403, 'AccessDenied'],
        [404, 'NoSuchKey'],
      ]);
    },
  ),

  contractCase('waiters see buckets and objects come and go', async (target) => {
    const { client, Bucket } = await bucketOf(target);
    const waiting = { client, ...target.waiting };
    expect((await waitUntilBucketExists(waiting, { Bucket })).state).toBe('SUCCESS');
    const object = { Bucket, Key: 'a' };
    const coming = waitUntilObjectExists(waiting, object);
    await client.send(new PutObjectCommand({ ...object, Body: 'x' }));
    expect((await coming).state).toBe('SUCCESS');
    await client.send(new DeleteObjectCommand(object));
    expect((await waitUntilObjectNotExists(waiting, object)).state).toBe('SUCCESS');
  }),

  contractCase('exceptions of buckets: absent, owned already, not empty', async (target) => {
    const { client, Bucket } = await bucketOf(target);
    await refused(client.send(new GetObjectCommand({ Bucket: `${Bucket}-none`, Key: 'a' })), NoSuchBucket, 404);
    await refused(client.send(new HeadBucketCommand({ Bucket: `${Bucket}-none` })), NotFound, 404);
    await client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }));
    await refused(client.send(new DeleteBucketCommand({ Bucket })), 'BucketNotEmpty', 409);
    const elsewhere = target.client(S3Client, { ...pathStyle, region: target.otherRegion });
    const CreateBucketConfiguration = { LocationConstraint: target.otherRegion as 'us-west-2' };
    await refused(
      elsewhere.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration })),
      BucketAlreadyOwnedByYou,
      409,
    );
    await refused(
      elsewhere.send(new CreateBucketCommand({ Bucket: 'Not_A_Name', CreateBucketConfiguration })),
      'InvalidBucketName',
      400,
    );
  }),

  contractCase('metadata, copies and checksums', async (target) => {
    const { client, Bucket } = await bucketOf(target);
    const Metadata = { one: '1', two: 'zwei' };
    await client.send(
      new PutObjectCommand({
        Bucket,
        Key: 'a b',
        Body: 'hello',
        Metadata,
        CacheControl: 'no-store',
        ChecksumAlgorithm: 'SHA256',
      }),
    );
    const copied = await client.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/a%20b` }));
    expect(copied.CopyObjectResult?.ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'copy', ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({
      Metadata,
      CacheControl: 'no-store',
      ContentLength: 5,
      ChecksumSHA256: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=',
    });
    await client.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'copy',
        CopySource: `${Bucket}/copy`,
        MetadataDirective: 'REPLACE',
        Metadata: { three: '3' },
      }),
    );
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'copy' }))).toMatchObject({
      Metadata: { three: '3' },
    });
    await refused(
      client.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/copy` })),
      'InvalidRequest',
      400,
    );
    await refused(
      client.send(new CopyObjectCommand({ Bucket, Key: 'x', CopySource: `${Bucket}/none` })),
      NoSuchKey,
      404,
    );
    await refused(
      client.send(new PutObjectCommand({ Bucket, Key: 'x', Body: 'x', ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' })),
      'BadDigest',
      400,
    );
  }),

  contractCase('many objects are deleted in one request', async (target) => {
    const { client, Bucket } = await bucketOf(target);
    for (const Key of ['a', 'b', 'c']) await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    const Objects = ['a', 'b', 'none'].map((Key) => ({ Key }));
    const { Deleted = [], Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect([Deleted.map(({ Key }) => Key).sort(byText), Errors]).toEqual([['a', 'b', 'none'], []]);
    const quiet = await client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'c' }], Quiet: true } }),
    );
    expect(quiet.Deleted ?? []).toEqual([]);
    await refused(client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [] } })), 'MalformedXML', 400);
  }),

  contractCase('bad input: policies, replication, keys too long', async (target) => {
    const { client, Bucket } = await bucketOf(target);
    await refused(client.send(new PutBucketPolicyCommand({ Bucket, Policy: '{' })), 'MalformedPolicy', 400);
    const Statement = [
      { Effect: 'Perhaps', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` },
    ];
    await refused(
      client.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) })),
      'MalformedPolicy',
      400,
    );
    const ReplicationConfiguration = {
      Role: `arn:aws:iam::${target.account}:role/x`,
      Rules: [
        {
          Status: 'Enabled' as const,
          Priority: 1,
          Filter: { Prefix: '' },
          DeleteMarkerReplication: { Status: 'Disabled' as const },
          Destination: { Bucket: `arn:aws:s3:::${Bucket}` },
        },
      ],
    };
    await refused(
      client.send(new PutBucketReplicationCommand({ Bucket, ReplicationConfiguration })),
      'InvalidRequest',
      400,
    );
    await refused(
      client.send(new PutObjectCommand({ Bucket, Key: 'x'.repeat(1025), Body: 'x' })),
      'KeyTooLongError',
      400,
    );
  }),

  contractCase('a bucket is found by virtual host', async (target) => {
    const { client: byPath, Bucket } = await bucketOf(target);
    await byPath.send(new PutObjectCommand({ Bucket, Key: 'a/b', Body: 'x' }));
    if (target.endpoint === undefined) {
      const client = target.client(S3Client, { forcePathStyle: false });
      const read = await client.send(new GetObjectCommand({ Bucket, Key: 'a/b' }));
      expect(await read.Body?.transformToString()).toBe('x');
      return;
    }
    // Names under localhost all mean this machine, but not every resolver knows: the host is said in the header.
    const { port, hostname } = new URL(target.endpoint);
    const { accessKeyId, secretAccessKey } = await byPath.config.credentials();
    const url = presigned({
      method: 'GET',
      target,
      Bucket,
      Key: 'a/b',
      accessKeyId,
      secretAccessKey,
      host: `${Bucket}.localhost:${port}`,
    });
    const { request } = await import('node:http');
    const text = await new Promise<string>((resolve, reject) => {
      const { pathname, search } = new URL(url);
      request(
        { hostname, port, path: pathname + search, headers: { host: `${Bucket}.localhost:${port}` } },
        (response) => {
          let body = '';
          response.on('data', (chunk: Buffer) => (body += chunk.toString()));
          response.on('end', () => resolve(body));
        },
      )
        .on('error', reject)
        .end();
    });
    expect(text).toBe('x');
  }),
];

/** Buckets are addressed by path: an endpoint on this machine has no names of its own. */
const pathStyle = { forcePathStyle: true };

async function bucketOf(target: ContractTarget): Promise<{ client: S3Client; Bucket: string }> {
  const client = target.client(S3Client, pathStyle);
  const Bucket = target.name();
  await client.send(new CreateBucketCommand({ Bucket }));
  target.after(async () => {
    const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
    for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) {
      await client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
    }
    await client.send(new DeleteBucketCommand({ Bucket }));
  });
  return { client, Bucket };
}
