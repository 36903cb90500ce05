/** Bucket replication as a bucket's owner can see it. */

import type { ObjectVersion } from '@aws-sdk/client-s3';
import type { Clients } from '../../aws/clients.ts';

/** Asks in flight at once: a bucket's owner may ask thousands a second, but one function call has its minute. */
const atOnce = 16;

/** How many versions written between two times (epoch milliseconds) still wait to be replicated. Asks for each version's own status. */
export async function pendingObjects(clients: Clients, bucket: string, since: number, until: number): Promise<number> {
  const { HeadObjectCommand, paginateListObjectVersions } = await importS3();
  const client = await clients.s3();
  const isPending = async ({ Key, VersionId }: ObjectVersion): Promise<boolean> =>
    (await client.send(new HeadObjectCommand({ Bucket: bucket, Key, VersionId }))).ReplicationStatus === 'PENDING';
  let pending = 0;
  for await (const page of paginateListObjectVersions(client, bucket)) {
    const recent = (page.Versions ?? []).filter(({ LastModified }) => {
      const at = LastModified?.getTime() ?? 0;
      return at >= since && at <= until;
    });
    for (let from = 0; from < recent.length; from += atOnce) {
      const asked = await Promise.all(recent.slice(from, from + atOnce).map(isPending));
      pending += asked.filter(Boolean).length;
    }
  }
  return pending;
}

/** The SDK has no paginator for versions. */
async function importS3() {
  const { HeadObjectCommand, ListObjectVersionsCommand } = await import('@aws-sdk/client-s3');
  type S3 = Awaited<ReturnType<Clients['s3']>>;
  async function* paginateListObjectVersions(client: S3, bucket: string) {
    let marker: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
    while (marker !== undefined) {
      const page: import('@aws-sdk/client-s3').ListObjectVersionsCommandOutput = await client.send(
        new ListObjectVersionsCommand({ Bucket: bucket, ...marker }),
      );
      yield page;
      marker = page.IsTruncated
        ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
        : undefined;
    }
  }
  return { HeadObjectCommand, paginateListObjectVersions };
}
