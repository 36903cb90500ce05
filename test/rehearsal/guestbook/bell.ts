/** A worker that nobody calls: every two minutes it rings, and leaves a letter in the bucket. */

import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { book, regional, writer } from './book.ts';

const me = writer();
const s3 = new S3Client({ forcePathStyle: true });

async function ring(): Promise<void> {
  const { region, image, type } = await me;
  const at = new Date();
  await (await book()).query({
    sql: 'INSERT INTO rings (at, region, image, type) VALUES (?, ?, ?, ?)',
    values: [at, region, image, type],
    timeout: 5000,
  });
  const [Bucket] = await regional('bucket-letters');
  await s3.send(new PutObjectCommand({ Bucket, Key: `inbox/${region}/${at.toISOString()}`, Body: 'a letter' }));
}

// While the database can't be written, it doesn't ring.
setInterval(() => void ring().catch((error: unknown) => console.error(String(error))), 120_000);
