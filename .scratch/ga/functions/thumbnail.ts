/** Makes a thumbnail of each uploaded photo. Messages that fail are reported one by one; the queue brings them back. */

import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { readBitmap, shrink, writeBitmap } from './bitmap.ts';

interface QueueEvent {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

const s3 = new S3Client({ forcePathStyle: true });

export async function handler(event: QueueEvent): Promise<{ batchItemFailures: { itemIdentifier: string }[] }> {
  const results = await Promise.allSettled(event.Records.map(({ body }) => thumbnail(JSON.parse(body) as Upload)));
  const batchItemFailures = event.Records.flatMap(({ messageId }, index) => {
    const result = results[index];
    if (result?.status !== 'rejected') return [];
    console.error(JSON.stringify({ messageId, error: String(result.reason) }));
    return [{ itemIdentifier: messageId }];
  });
  return { batchItemFailures };
}

interface Upload {
  readonly bucket: string;
  readonly key: string;
  readonly thumbnail: string;
}

async function thumbnail({ bucket, key, thumbnail: target }: Upload): Promise<void> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const photo = Buffer.from((await Body?.transformToByteArray()) ?? []);
  const small = writeBitmap(shrink(readBitmap(photo), 5));
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: target, Body: small, ContentType: 'image/bmp' }));
}
