/** A workload's buckets in one Region, and how one is emptied: every version and delete marker, every unfinished upload, then itself. */

import type { S3Client } from '@aws-sdk/client-s3';
import { terminalError } from '../../kernel/errors.ts';
import type { DataItem, DataPlace } from './data.ts';

export async function bucketsIn({ clients, names, region, side, workload }: DataPlace): Promise<DataItem[]> {
  const client = await clients.s3();
  const { HeadBucketCommand } = await import('@aws-sdk/client-s3');
  const found = await Promise.all(
    workload.buckets.map(async (bucket): Promise<DataItem[]> => {
      const Bucket = names.bucket(bucket, side);
      try {
        await client.send(new HeadBucketCommand({ Bucket }));
      } catch (error) {
        if (error instanceof Error && ['NotFound', 'NoSuchBucket', '404'].includes(error.name)) return [];
        throw error;
      }
      const cost = 'storage of every version of its objects';
      return [{ kind: 'bucket', region, id: Bucket, cost, remove: () => removeBucket(client, Bucket) }];
    }),
  );
  return found.flat();
}

async function removeBucket(client: S3Client, Bucket: string): Promise<void> {
  const sdk = await import('@aws-sdk/client-s3');
  try {
    // Always the first page: what it showed is gone by the next look.
    for (;;) {
      const { DeleteMarkers = [], Versions = [] } = await client.send(new sdk.ListObjectVersionsCommand({ Bucket }));
      const Objects = [...Versions, ...DeleteMarkers].map(({ Key = '', VersionId }) => ({
        Key,
        ...(VersionId === undefined ? {} : { VersionId }),
      }));
      if (Objects.length === 0) break;
      const { Errors = [] } = await client.send(
        new sdk.DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
      );
      const [first] = Errors;
      if (first !== undefined)
        throw terminalError(`${Bucket}/${first.Key} can't be deleted: ${first.Code}: ${first.Message}`);
    }
    for (;;) {
      const { Uploads = [] } = await client.send(new sdk.ListMultipartUploadsCommand({ Bucket }));
      for (const { Key, UploadId } of Uploads)
        await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      if (Uploads.length === 0) break;
    }
    await client.send(new sdk.DeleteBucketCommand({ Bucket }));
  } catch (error) {
    // Late replicas arrive between the last look and the deletion: they are looked for again.
    if (error instanceof Error && error.name === 'BucketNotEmpty') return removeBucket(client, Bucket);
    if (error instanceof Error && error.name === 'NoSuchBucket') return;
    throw error;
  }
}
