import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytes, s3Sandbox } from './support.ts';

const part1 = Buffer.alloc(5 * 1024 * 1024, 'a');
const part2 = Buffer.from('the end');
const md5 = (data: Uint8Array) => createHash('md5').update(data).digest();

async function started(algorithm?: string) {
  const sandbox = s3Sandbox();
  await sandbox.bucket('photos');
  const { UploadId } = await sandbox.s3<{ UploadId: string }>('CreateMultipartUpload', {
    Bucket: 'photos',
    Key: 'big',
    ContentType: 'video/mp4',
    ChecksumAlgorithm: algorithm,
  });
  const upload = { Bucket: 'photos', Key: 'big', UploadId };
  const send = (PartNumber: number, Body: Uint8Array, more: object = {}) =>
    sandbox.s3<{ ETag: string }>('UploadPart', { ...upload, PartNumber, Body, ...more });
  return { ...sandbox, upload, send };
}

describe('multipart uploads', () => {
  it('joins the listed parts under the ETag of their digests', async () => {
    const { upload, send, s3, core } = await started();
    const second = await send(2, part2);
    await send(1, Buffer.from('replaced'));
    const first = await send(1, part1);
    const answer = await s3('CompleteMultipartUpload', {
      ...upload,
      MultipartUpload: {
        Parts: [
          { PartNumber: 1, ETag: first.ETag },
          { PartNumber: 2, ETag: second.ETag },
        ],
      },
    });
    const etag = createHash('md5')
      .update(Buffer.concat([md5(part1), md5(part2)]))
      .digest('hex');
    expect(answer.ETag).toBe(`"${etag}-2"`);
    const read = await s3<{ Body: AsyncIterable<Uint8Array>; ContentType: string }>('GetObject', {
      Bucket: 'photos',
      Key: 'big',
    });
    expect(Buffer.compare(await bytes(read.Body), Buffer.concat([part1, part2]))).toBe(0);
    expect(read.ContentType).toBe('video/mp4');
    expect(readdirSync(join(core.directory, 'us-east-1', 's3', 'photos'))).toEqual([answer.VersionId]);
    await expect(s3('ListParts', upload)).rejects.toMatchObject({ code: 'NoSuchUpload' });
  });

  it('gives the checksum of the checksums', async () => {
    const { upload, send, s3, head } = await started('SHA256');
    const first = await send(1, part1);
    const second = await send(2, part2);
    await s3('CompleteMultipartUpload', {
      ...upload,
      MultipartUpload: {
        Parts: [
          { PartNumber: 1, ETag: first.ETag },
          { PartNumber: 2, ETag: second.ETag },
        ],
      },
    });
    const sha = (data: Uint8Array) => createHash('sha256').update(data).digest();
    const expected = sha(Buffer.concat([sha(part1), sha(part2)])).toString('base64');
    expect(await head('photos', 'big', 'us-east-1', { ChecksumMode: 'ENABLED' })).toMatchObject({
      ChecksumSHA256: `${expected}-2`,
      ChecksumType: 'COMPOSITE',
    });
  });

  it('refuses parts that are out of order, unknown or too small', async () => {
    const { upload, send, s3 } = await started();
    const small = await send(1, part2);
    const last = await send(2, part2);
    const complete = (Parts: object[]) => s3('CompleteMultipartUpload', { ...upload, MultipartUpload: { Parts } });
    const one = { PartNumber: 1, ETag: small.ETag };
    const two = { PartNumber: 2, ETag: last.ETag };
    await expect(complete([two, one])).rejects.toMatchObject({ code: 'InvalidPartOrder' });
    await expect(complete([{ PartNumber: 3, ETag: small.ETag }])).rejects.toMatchObject({ code: 'InvalidPart' });
    await expect(complete([one, two])).rejects.toMatchObject({ code: 'EntityTooSmall' });
  });

  it('lists what is under way, and forgets what is aborted', async () => {
    const { upload, send, s3, core } = await started();
    await send(1, part2);
    await send(7, part2);
    expect(await s3('ListParts', { ...upload, MaxParts: 1 })).toMatchObject({
      Parts: [{ PartNumber: 1, Size: 7 }],
      IsTruncated: true,
      NextPartNumberMarker: '1',
    });
    expect(await s3('ListMultipartUploads', { Bucket: 'photos' })).toMatchObject({
      Uploads: [{ Key: 'big', UploadId: upload.UploadId }],
    });
    await s3('AbortMultipartUpload', upload);
    expect(await s3('ListMultipartUploads', { Bucket: 'photos' })).toMatchObject({ Uploads: [] });
    expect(readdirSync(join(core.directory, 'us-east-1', 's3', 'photos'))).toEqual([]);
  });
});
