/** The keys a side's buckets hold now: current versions only. */

import type { Stage } from './stage.ts';

export async function bucketKeys(stage: Stage, side: 'primary' | 'recovery'): Promise<Set<string>> {
  const { paginateListObjectsV2 } = await import('@aws-sdk/client-s3');
  const client = await stage.clients(side).s3();
  const keys = new Set<string>();
  for (const bucket of stage.workload.buckets) {
    for await (const page of paginateListObjectsV2({ client }, { Bucket: stage.names.bucket(bucket, side) })) {
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.add(Key);
    }
  }
  return keys;
}
