import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../../src/sandbox/contract.ts';
import { bytes, fakeKms, recordingBus, s3Sandbox } from './support.ts';

const md5 = (data: string | Uint8Array) => createHash('md5').update(data).digest('hex');

describe('objects', () => {
  it('answers what was put, with its headers, metadata and ETag', async () => {
    const { bucket, put, get } = s3Sandbox();
    await bucket('photos', 'us-east-1', false);
    const answer = await put('photos', 'a/1.jpg', 'picture', {
      ContentType: 'image/jpeg',
      Metadata: { Owner: 'kim' },
      Tagging: 'kind=raw&x=%20y',
    });
    expect(answer).toMatchObject({ ETag: `"${md5('picture')}"`, ServerSideEncryption: 'AES256' });
    expect(answer.VersionId).toBeUndefined();
    const read = await get('photos', 'a/1.jpg');
    expect(read).toMatchObject({
      text: 'picture',
      ContentLength: 7,
      ContentType: 'image/jpeg',
      Metadata: { owner: 'kim' },
      TagCount: 2,
      LastModified: new Date('2026-11-23T12:00:00Z'),
    });
  });

  it('keeps versions, and a delete marker hides them without losing them', async () => {
    const { bucket, put, get, s3 } = s3Sandbox();
    await bucket('photos');
    const first = await put('photos', 'k', 'one');
    const second = await put('photos', 'k', 'two');
    expect((await get('photos', 'k')).text).toBe('two');
    expect((await get('photos', 'k', { VersionId: first.VersionId })).text).toBe('one');

    const marker = await s3('DeleteObject', { Bucket: 'photos', Key: 'k' });
    expect(marker).toMatchObject({ DeleteMarker: true });
    await expect(get('photos', 'k')).rejects.toMatchObject({ code: 'NoSuchKey', status: 404 });
    await expect(get('photos', 'k', { VersionId: marker.VersionId })).rejects.toMatchObject({
      code: 'MethodNotAllowed',
    });
    expect((await get('photos', 'k', { VersionId: second.VersionId })).text).toBe('two');

    await s3('DeleteObject', { Bucket: 'photos', Key: 'k', VersionId: marker.VersionId });
    expect((await get('photos', 'k')).text).toBe('two');
  });

  it('writes the null version where versioning is suspended, in place of the one before', async () => {
    const { bucket, put, get, s3 } = s3Sandbox();
    await bucket('photos');
    const kept = await put('photos', 'k', 'versioned');
    await s3('PutBucketVersioning', { Bucket: 'photos', VersioningConfiguration: { Status: 'Suspended' } });
    expect((await put('photos', 'k', 'null 1')).VersionId).toBe('null');
    await put('photos', 'k', 'null 2');
    const { Versions: versions } = await s3<{ Versions: unknown[] }>('ListObjectVersions', { Bucket: 'photos' });
    expect(versions).toHaveLength(2);
    expect((await get('photos', 'k', { VersionId: 'null' })).text).toBe('null 2');
    expect((await get('photos', 'k', { VersionId: kept.VersionId })).text).toBe('versioned');
  });

  it('removes the file of what is deleted for good, and only that', async () => {
    const { bucket, put, s3, core } = s3Sandbox();
    await bucket('photos');
    const first = await put('photos', 'k', 'one');
    const second = await put('photos', 'k', 'two');
    await s3('DeleteObject', { Bucket: 'photos', Key: 'k', VersionId: first.VersionId });
    expect(readdirSync(join(core.directory, 'us-east-1', 's3', 'photos'))).toEqual([second.VersionId]);
  });

  it.each([
    ['bytes=0-2', 'abc', 'bytes 0-2/10'],
    ['bytes=7-', 'hij', 'bytes 7-9/10'],
    ['bytes=-4', 'ghij', 'bytes 6-9/10'],
    ['bytes=5-99', 'fghij', 'bytes 5-9/10'],
  ])('answers the range %s', async (Range, text, ContentRange) => {
    const { bucket, put, get } = s3Sandbox();
    await bucket('photos');
    await put('photos', 'k', 'abcdefghij');
    expect(await get('photos', 'k', { Range })).toMatchObject({ text, ContentRange, ContentLength: text.length });
  });

  it('refuses a range beyond the end', async () => {
    const { bucket, put, get } = s3Sandbox();
    await bucket('photos');
    await put('photos', 'k', 'abc');
    await expect(get('photos', 'k', { Range: 'bytes=3-' })).rejects.toMatchObject({
      code: 'InvalidRange',
      status: 416,
    });
  });

  it('honours conditions on reads', async () => {
    const { bucket, put, get } = s3Sandbox();
    await bucket('photos');
    const { ETag } = await put('photos', 'k', 'abc');
    const later = new Date('2026-11-24');
    await expect(get('photos', 'k', { IfNoneMatch: ETag })).rejects.toMatchObject({ status: 304 });
    await expect(get('photos', 'k', { IfMatch: '"other"' })).rejects.toMatchObject({ status: 412 });
    await expect(get('photos', 'k', { IfModifiedSince: later })).rejects.toMatchObject({ status: 304 });
    expect((await get('photos', 'k', { IfMatch: ETag, IfUnmodifiedSince: later })).text).toBe('abc');
  });

  it('lets one of two conditional writers win', async () => {
    const { bucket, put, get } = s3Sandbox();
    await bucket('photos');
    const results = await Promise.allSettled([
      put('photos', 'k', 'one', { IfNoneMatch: '*' }),
      put('photos', 'k', 'two', { IfNoneMatch: '*' }),
    ]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    const { ETag } = await get('photos', 'k');
    await put('photos', 'k', 'three', { IfMatch: ETag });
    await expect(put('photos', 'k', 'four', { IfMatch: ETag })).rejects.toMatchObject({ code: 'PreconditionFailed' });
  });

  it.each([
    ['CRC32', 'y/Q5Jg=='],
    ['CRC32C', '4waSgw=='],
    ['CRC64NVME', 'rosUhgp5mIg='],
    ['SHA1', '98O8HYCOBHMq32eZZczDTKeuNEE='],
    ['SHA256', 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU='],
  ])('verifies and gives back %s', async (algorithm, value) => {
    const { bucket, put, head } = s3Sandbox();
    await bucket('photos');
    const body = '123456789';
    await put('photos', 'given', body, { [`Checksum${algorithm}`]: value });
    await put('photos', 'trailer', body, { ChecksumAlgorithm: algorithm });
    for (const key of ['given', 'trailer']) {
      expect(await head('photos', key, 'us-east-1', { ChecksumMode: 'ENABLED' })).toMatchObject({
        [`Checksum${algorithm}`]: value,
        ChecksumType: 'FULL_OBJECT',
      });
    }
    await expect(put('photos', 'bad', 'other', { [`Checksum${algorithm}`]: value })).rejects.toMatchObject({
      code: 'BadDigest',
    });
  });

  it('leaves nothing of an upload that breaks', async () => {
    const { bucket, s3, core } = s3Sandbox();
    await bucket('photos');
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('half');
        throw new Error('connection reset');
      })(),
    );
    await expect(s3('PutObject', { Bucket: 'photos', Key: 'k', Body: broken })).rejects.toThrow('connection reset');
    expect(readdirSync(join(core.directory, 'us-east-1', 's3', '.incoming'))).toEqual([]);
    await expect(s3('HeadObject', { Bucket: 'photos', Key: 'k' })).rejects.toMatchObject({ code: 'NotFound' });
  });

  it('streams 100 MB without holding it', async () => {
    const { bucket, s3, get } = s3Sandbox();
    await bucket('photos', 'us-east-1', false);
    const chunk = randomBytes(1024 * 1024);
    const expected = createHash('md5');
    let peak = 0;
    const before = process.memoryUsage().rss;
    const body = Readable.from(
      (function* () {
        for (let sent = 0; sent < 100; sent++) {
          expected.update(chunk);
          peak = Math.max(peak, process.memoryUsage().rss - before);
          yield chunk;
        }
      })(),
    );
    const answer = await s3('PutObject', { Bucket: 'photos', Key: 'big', Body: body });
    expect(answer.ETag).toBe(`"${expected.digest('hex')}"`);
    expect(peak).toBeLessThan(60 * 1024 * 1024);
    expect((await get('photos', 'big', { Range: 'bytes=104857590-' })).ContentLength).toBe(10);
  });

  it('copies with metadata and tags, or replaces them, and refuses a copy that changes nothing', async () => {
    const { bucket, put, get, s3 } = s3Sandbox();
    await bucket('photos');
    await put('photos', 'a b', 'x', { Metadata: { m: '1' }, Tagging: 't=1' });
    await s3('CopyObject', { Bucket: 'photos', Key: 'c', CopySource: 'photos/a%20b' });
    expect(await get('photos', 'c')).toMatchObject({ text: 'x', Metadata: { m: '1' }, TagCount: 1 });
    const replace = { MetadataDirective: 'REPLACE', TaggingDirective: 'REPLACE', Metadata: { m: '2' } };
    await s3('CopyObject', { Bucket: 'photos', Key: 'd', CopySource: '/photos/a%20b', ...replace });
    const replaced = await get('photos', 'd');
    expect(replaced.Metadata).toEqual({ m: '2' });
    expect(replaced.TagCount).toBeUndefined();
    await expect(s3('CopyObject', { Bucket: 'photos', Key: 'c', CopySource: 'photos/c' })).rejects.toMatchObject({
      code: 'InvalidRequest',
    });
  });

  it('deletes many, and says which were refused', async () => {
    const { bucket, put, s3 } = s3Sandbox();
    await bucket('photos', 'us-east-1', false);
    await put('photos', 'a', '1');
    await put('photos', 'b', '2');
    const answer = await s3('DeleteObjects', {
      Bucket: 'photos',
      Delete: { Objects: [{ Key: 'a' }, { Key: 'b', ETag: '"wrong"' }, { Key: 'absent' }] },
    });
    expect(answer).toMatchObject({
      Deleted: [{ Key: 'a' }, { Key: 'absent' }],
      Errors: [{ Key: 'b', Code: 'PreconditionFailed' }],
    });
  });

  it('says where a bucket lives when it is asked for in another Region', async () => {
    const { bucket, s3 } = s3Sandbox();
    await bucket('photos');
    await expect(s3('GetObject', { Bucket: 'photos', Key: 'k' }, 'us-west-2')).rejects.toMatchObject({
      code: 'PermanentRedirect',
      status: 301,
      fields: { 'x-amz-bucket-region': 'us-east-1' },
    });
  });

  it('refuses by name what it does not do', async () => {
    const { bucket, put } = s3Sandbox();
    await bucket('photos');
    await expect(put('photos', 'k', 'x', { ObjectLockMode: 'GOVERNANCE' })).rejects.toThrow(/ObjectLockMode/);
    await expect(put('photos', 'k', 'x', { ACL: 'public-read' })).rejects.toMatchObject({
      code: 'AccessControlListNotSupported',
    });
  });

  it('asks for the key behind an alias, and for nothing with its own', async () => {
    const { bucket, put, get, dispatcher, s3 } = s3Sandbox([fakeKms()]);
    await bucket('photos');
    const asked: string[] = [];
    dispatcher.authorizer = (_principal, asks) => asked.push(...asks.map((ask) => `${ask.action} ${ask.resource}`));
    const principal = { kind: 'root', account: '111122223333', arn: 'arn:aws:iam::111122223333:root' } as const;
    const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'alias/photos' } };
    await s3('PutBucketEncryption', { Bucket: 'photos', ServerSideEncryptionConfiguration: { Rules: [rule] } });
    await dispatcher.invoke({
      service: 's3',
      operation: 'PutObject',
      region: 'us-east-1',
      principal,
      input: { Bucket: 'photos', Key: 'k', Body: 'secret' },
    });
    const key = 'arn:aws:kms:us-east-1:111122223333:key/k-1';
    expect(asked).toContain(`kms:GenerateDataKey ${key}`);
    expect(await get('photos', 'k')).toMatchObject({
      text: 'secret',
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: key,
    });
    asked.length = 0;
    const input = { Bucket: 'photos', Key: 'k' };
    await dispatcher.invoke({ service: 's3', operation: 'HeadObject', region: 'us-east-1', principal, input });
    expect(asked).toEqual(['s3:GetObject arn:aws:s3:::photos/k', `kms:Decrypt ${key}`]);
    await put('photos', 'plain', 'x', { ServerSideEncryption: 'AES256' });
    expect((await get('photos', 'plain')).SSEKMSKeyId).toBeUndefined();
  });

  it('does not read what a disabled key encrypts', async () => {
    const disabled: string[] = [];
    const { bucket, put, get } = s3Sandbox([fakeKms(disabled)]);
    await bucket('photos');
    await put('photos', 'k', 'x', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'alias/photos' });
    disabled.push('arn:aws:kms:us-east-1:111122223333:key/k-1');
    await expect(get('photos', 'k')).rejects.toMatchObject({ code: 'KMS.DisabledException' });
  });

  it('hides what is not there from those who may not list', async () => {
    const { bucket, dispatcher } = s3Sandbox();
    await bucket('photos');
    dispatcher.authorizer = (_principal, asks) => {
      if (asks.some((ask) => ask.action === 's3:ListBucket')) throw new AwsError('AccessDenied', 'no', { status: 403 });
    };
    const principal = { kind: 'user', account: '1', arn: 'arn:aws:iam::1:user/u', userName: 'u' } as const;
    const request = { service: 's3', operation: 'GetObject', region: 'us-east-1', principal } as const;
    await expect(dispatcher.invoke({ ...request, input: { Bucket: 'photos', Key: 'absent' } })).rejects.toMatchObject({
      code: 'AccessDenied',
    });
  });

  it('tells EventBridge, where the bucket asks for it', async () => {
    const bus = recordingBus();
    const { bucket, put, s3, clock } = s3Sandbox([bus.factory]);
    await bucket('photos');
    await put('photos', 'quiet', '1');
    await s3('PutBucketNotificationConfiguration', {
      Bucket: 'photos',
      NotificationConfiguration: { EventBridgeConfiguration: {} },
    });
    const { VersionId } = await put('photos', 'loud', '12');
    await s3('DeleteObject', { Bucket: 'photos', Key: 'loud' });
    await clock.advance(0);
    expect(bus.entries.map((entry) => entry.DetailType)).toEqual(['Object Created', 'Object Deleted']);
    expect(JSON.parse(bus.entries[0]?.Detail ?? '')).toMatchObject({
      bucket: { name: 'photos' },
      object: { key: 'loud', size: 2, 'version-id': VersionId },
      reason: 'PutObject',
    });
  });

  it('reads on from an open body though the version is deleted', async () => {
    const { bucket, put, s3 } = s3Sandbox();
    await bucket('photos', 'us-east-1', false);
    await put('photos', 'k', 'still here');
    const { Body } = await s3<{ Body: Readable }>('GetObject', { Bucket: 'photos', Key: 'k' });
    await s3('DeleteObject', { Bucket: 'photos', Key: 'k' });
    expect((await bytes(Body)).toString()).toBe('still here');
  });
});
