import { randomBytes } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetBucketReplicationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { clientSettings } from './door.ts';
import { replicated, s3Sandbox } from './support.ts';

function connected() {
  const sandbox = s3Sandbox();
  return { ...sandbox, client: new S3Client({ ...clientSettings(sandbox), forcePathStyle: true }) };
}

describe('the SDK client', () => {
  it('writes and reads objects, ranges and conditions', async () => {
    const { bucket, client } = connected();
    await bucket('photos');
    const Body = randomBytes(200_000);
    const Key = 'a b/ü+.jpg';
    const put = await client.send(new PutObjectCommand({ Bucket: 'photos', Key, Body, Metadata: { m: '1' } }));
    expect(put.VersionId).toMatch(/^[0-9a-f]{32}$/);
    const read = await client.send(new GetObjectCommand({ Bucket: 'photos', Key }));
    expect(Buffer.from((await read.Body?.transformToByteArray()) ?? []).equals(Body)).toBe(true);
    expect(read).toMatchObject({ ETag: put.ETag, Metadata: { m: '1' }, ServerSideEncryption: 'AES256' });
    const part = await client.send(new GetObjectCommand({ Bucket: 'photos', Key, Range: 'bytes=10-19' }));
    expect(part.$metadata.httpStatusCode).toBe(206);
    expect(Buffer.from((await part.Body?.transformToByteArray()) ?? []).equals(Body.subarray(10, 20))).toBe(true);
    const unchanged = client.send(new GetObjectCommand({ Bucket: 'photos', Key, IfNoneMatch: put.ETag }));
    await expect(unchanged).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    const again = client.send(new PutObjectCommand({ Bucket: 'photos', Key, Body, IfNoneMatch: '*' }));
    await expect(again).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(client.send(new HeadObjectCommand({ Bucket: 'photos', Key: 'none' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    await expect(client.send(new GetObjectCommand({ Bucket: 'photos', Key: 'none' }))).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
  });

  it('uploads in parts, lists and deletes', async () => {
    const { bucket, client } = connected();
    await bucket('photos');
    const upload = { Bucket: 'photos', Key: 'big' };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...upload, ChecksumAlgorithm: 'CRC32' }));
    const Parts = [];
    for (const [index, Body] of [randomBytes(5 * 1024 * 1024), randomBytes(10)].entries()) {
      const PartNumber = index + 1;
      const sent = await client.send(
        new UploadPartCommand({ ...upload, UploadId, PartNumber, Body, ChecksumAlgorithm: 'CRC32' }),
      );
      Parts.push({ PartNumber, ETag: sent.ETag, ChecksumCRC32: sent.ChecksumCRC32 });
    }
    await client.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts } }));
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: 'photos' }));
    expect(Contents).toMatchObject([{ Key: 'big', Size: 5 * 1024 * 1024 + 10 }]);
    await client.send(new DeleteObjectsCommand({ Bucket: 'photos', Delete: { Objects: [{ Key: 'big' }] } }));
    const versions = await client.send(new ListObjectVersionsCommand({ Bucket: 'photos' }));
    expect(versions).toMatchObject({ Versions: [{ IsLatest: false }], DeleteMarkers: [{ IsLatest: true }] });
  });

  it('sees replication in headers and configuration', async () => {
    const sandbox = connected();
    await replicated(sandbox);
    const { client } = sandbox;
    await client.send(new PutObjectCommand({ Bucket: 'source', Key: 'k', Body: 'x' }));
    const { ReplicationStatus } = await client.send(new HeadObjectCommand({ Bucket: 'source', Key: 'k' }));
    expect(ReplicationStatus).toBe('PENDING');
    const { ReplicationConfiguration } = await client.send(new GetBucketReplicationCommand({ Bucket: 'source' }));
    expect(ReplicationConfiguration?.Rules).toMatchObject([
      { ID: 'all', Destination: { Bucket: 'arn:aws:s3:::copy' } },
    ]);
  });
});
